import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFiles } from '../testing/sources.ts';
import { BUNDLE_CONFIG, findProject } from './find-project.ts';

describe('findProject', () => {
  it('finds the bundle project from a package nested in it', () => {
    const root = makeFiles({ [BUNDLE_CONFIG]: '', 'package.json': '{}', 'models/inner/package.json': '{}', 'models/inner/src/m.ts': '' });
    for (const folder of ['.', 'models', 'models/inner', 'models/inner/src'])
      expect(findProject(join(root, folder))).toEqual({ root, isBundle: true });
  });

  it('finds the nearest of two bundle projects', () => {
    const root = makeFiles({ [BUNDLE_CONFIG]: '', [`inner/${BUNDLE_CONFIG}`]: '' });
    expect(findProject(join(root, 'inner'))).toEqual({ root: join(root, 'inner'), isBundle: true });
  });

  it('uses the nearest package, TypeScript or Python, if there is no bundle project', () => {
    const root = makeFiles({ 'package.json': '{}', 'models/seir.ts': '', 'py/pyproject.toml': '', 'py/models/seir.py': '' });
    expect(findProject(join(root, 'models'))).toEqual({ root, isBundle: false });
    expect(findProject(join(root, 'py/models'))).toEqual({ root: join(root, 'py'), isBundle: false });
  });

  it('uses the folder itself if nothing marks a project', () => {
    const root = makeFiles({ 'models/seir.ts': '' });
    expect(findProject(join(root, 'models'))).toEqual({ root: join(root, 'models'), isBundle: false });
  });
});
