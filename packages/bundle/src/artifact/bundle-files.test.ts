import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG_HEADER_BYTES, PNG_MARK, SVG_MARK } from '@modelops/contracts';
import { buildPrograms, PROJECT, SEIR, writeFiles } from '@modelops/model-host/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadProject } from '../project/project.ts';
import { registerModel } from '../project/register.ts';
import { unregister } from '../project/unregister.ts';
import { makeProject } from '../testing/projects.ts';
import { buildArtifact } from './build-artifact.ts';

beforeAll(buildPrograms);

describe('the files of a bundle', () => {
  const paths = async (dir: string) => (await buildArtifact(dir)).manifest.files.map(({ path }) => path);

  it('exclude those in .modelopsignore and those of tools', async () => {
    const dir = await makeProject();
    writeFiles(dir, {
      '.modelopsignore': '*.tmp\n!keep.tmp\nscratch/\n/only-here\n',
      'a.tmp': '',
      'keep.tmp': '',
      'scratch/x': '',
      'only-here': '',
      'lib/only-here': '',
      '.git/HEAD': '',
      'node_modules/x/index.js': '',
      'lib/node_modules/y.js': '',
      '.modelops-bundle/compiled/old.mjs': '',
    });
    expect((await paths(dir)).filter((path) => !(path in PROJECT) && !/\.mjs(\.map)?$/.test(path))).toEqual([
      '.modelopsignore',
      'keep.tmp',
      'lib/only-here',
    ]);
    expect(await paths(dir)).not.toContain('.modelops-bundle/compiled/old.mjs');
  });

  it('include a linked file of the project, and refuse a link out of it or to nothing', async () => {
    const dir = await makeProject();
    symlinkSync('observed.csv', join(dir, 'data/alias.csv'));
    symlinkSync('lib', join(dir, 'linked-folder'));
    expect(await paths(dir)).toContain('data/alias.csv');
    expect(await paths(dir)).not.toContain('linked-folder/days.ts');
    symlinkSync('/etc/passwd', join(dir, 'data/out'));
    await expect(paths(dir)).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringContaining('data/out links out of the project'),
    });
    rmSync(join(dir, 'data/out'));
    symlinkSync('gone', join(dir, 'data/dangling'));
    await expect(paths(dir)).rejects.toMatchObject({ message: expect.stringContaining('data/dangling is a broken link') });
  });

  it('must have names that are valid on every system', async () => {
    const dir = await makeProject({ ...PROJECT, 'back\\slash': '' });
    await expect(paths(dir)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });

  it('exclude files that our tools and Python write into the project', async () => {
    const study = { model: 'models/seir.ts:Seir', scenario: 'baseline', metadata: { design: {} }, parameter_sets: [{ beta: 1, n0: 1 }] };
    const dir = await makeProject();
    const before = (await buildArtifact(dir)).digest;
    writeFiles(dir, {
      'study.json': JSON.stringify(study, null, 2),
      'studies/other-name.json': JSON.stringify(study),
      'my-env/pyvenv.cfg': 'home = /usr/bin\n',
      'my-env/lib/site.py': '',
      'conda/conda-meta/history': '',
      'lib/__pycache__/x.pyc': '',
      'warm/CACHEDIR.TAG': 'Signature: 8a477f597d28d172789f06886806bc55\n',
      'warm/blob': 'x',
      'exported/.modelops-export.json': '{}',
      'exported/losses.csv': '1\n',
      'report.html': '<!doctype html>\n<html lang="en">\n<meta name="generator" content="mops 0.1.0 report">',
      'figures/losses.svg': `${SVG_MARK}<svg/>`,
      'figures/losses.png': `${' '.repeat(PNG_HEADER_BYTES + 8)}${PNG_MARK}`,
      'kept/oci-layout': '{}',
      'kept/index.json': '{}',
      'objects/jobs/job-1/state.json': '{}',
      'objects/provenance/token/v1/x': '',
      'work/bundle-env/dev.yaml': 'environment: dev\n',
      'work/registry/x': '',
      'other-home/store/jobs/x': '',
      'other-home/store/jobs-by/x': '',
      'other-home/engine/x': '',
      'by-path/x': 'x',
    });
    const never = [join(dir, 'by-path')];
    expect((await buildArtifact(dir, { never })).digest).toBe(before);
    expect((await buildArtifact(dir)).manifest.files.map(({ path }) => path)).toContain('by-path/x');
  });

  it('include files and folders that only resemble those', async () => {
    const dir = await makeProject();
    const kept = {
      'settings.json': '{"model":"seir"}',
      'notes/CACHEDIR.TAG': 'mine',
      'page.html': '<!doctype html>\n<meta name="generator" content="mine">',
      'figure.svg': '<svg/>',
      'figure.png': 'mine',
      'store/prices.csv': '1\n',
      'jobs/list.txt': 'plumber\n',
      'venv.txt': 'pyvenv.cfg',
    };
    writeFiles(dir, kept);
    expect(await paths(dir)).toEqual(expect.arrayContaining(Object.keys(kept)));
  });

  it('lack a model whose compiled program would replace that of another, the first in order', async () => {
    const dir = await makeProject();
    const before = (await buildArtifact(dir)).manifest.models;
    writeFileSync(join(dir, 'models/seir.mts'), SEIR.replace('n0 * beta', 'n0 + beta'));
    await registerModel(dir, 'models/seir.mts:Seir');
    const { manifest, damaged } = await buildArtifact(dir);
    const message = 'models/seir.mts:Seir and models/seir.ts:Seir have the same import path';
    expect(damaged).toMatchObject([{ source: 'models/seir.ts:Seir', error: { code: 'MODEL_INVALID', message } }]);
    expect(manifest.models.map(({ source }) => source)).toEqual(['models/seir.mts:Seir']);
    expect(manifest.models[0]!.model_digest).not.toBe(before[0]!.model_digest);
  });

  it('lack only a model or target whose source or data is missing or broken', async () => {
    const other = SEIR.replace('const Seir', 'const Other');
    const dir = await makeProject({ ...PROJECT, 'models/other.ts': other, 'data/contacts.csv': 'a\n' });
    const { manifest } = await buildArtifact(dir);
    await registerModel(dir, 'models/other.ts:Other', { data: ['data/contacts.csv'] });
    for (const [spoil, code] of [
      [() => rmSync(join(dir, 'data/contacts.csv')), 'FILE_NOT_FOUND'],
      [() => writeFileSync(join(dir, 'models/other.ts'), 'export const Other = ;'), 'MODEL_INVALID'],
      [() => writeFileSync(join(dir, 'models/other.ts'), 'export const Another = 1;'), 'MODEL_NOT_FOUND'],
      [() => rmSync(join(dir, 'models/other.ts')), 'MODEL_NOT_FOUND'],
    ] as const) {
      spoil();
      const built = await buildArtifact(dir);
      expect(built.damaged).toMatchObject([{ source: 'models/other.ts:Other', kind: 'model', error: { code } }]);
      expect(built.manifest.models).toEqual(manifest.models);
      expect(built.manifest.targets).toEqual(manifest.targets);
    }
    writeFiles(dir, { '.modelopsignore': 'data/\n' });
    expect((await buildArtifact(dir)).damaged.map(({ source }) => source)).toEqual([
      'models/other.ts:Other',
      'targets/prevalence.ts:prevalence',
    ]);
    expect(await unregister(dir, 'models/other.ts:Other', 'model')).toEqual({ source: 'models/other.ts:Other', sets: [] });
    expect((await loadProject(dir)).registry.models.map(({ source }) => source)).toEqual(['models/seir.ts:Seir']);
  });
});
