import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../testing/sources.ts';
import { openView } from './open-view.ts';

let base: string;
let root: string;
let dir: string;
beforeEach(() => {
  base = makeFolder();
  root = join(base, 'files');
  dir = join(base, 'views', 'model');
  mkdirSync(join(root, 'data/deep'), { recursive: true });
  for (const file of ['program.mjs', 'data/a.csv', 'data/deep/b.csv', 'notes.md']) writeFileSync(join(root, file), file);
});

const FILES = ['data/a.csv', 'data/deep/b.csv', 'program.mjs'];
const open = () => openView({ root, files: FILES, dir });
const listed = (view: string) =>
  readdirSync(view, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(view, path)).isFile())
    .sort();
const views = () => readdirSync(dir).sort();

describe('openView', () => {
  it('contains only the given files at their paths, read-only', async () => {
    const view = await open();
    expect(listed(view)).toEqual(FILES);
    expect(readFileSync(join(view, 'data/deep/b.csv'), 'utf8')).toBe('data/deep/b.csv');
    for (const file of FILES) expect(statSync(join(view, file)).mode & 0o222).toBe(0);
  });

  it('reuses a view that is current', async () => {
    expect(await open()).toBe(await open());
    expect(views()).toEqual(['0']);
  });

  it.each<[string, () => void]>([
    ['a file was added', () => writeFileSync(join(dir, '0/extra.csv'), 'x')],
    ['a file was deleted', () => rmSync(join(dir, '0/data/a.csv'))],
    [
      'a file was replaced',
      () => {
        rmSync(join(dir, '0/data/a.csv'));
        writeFileSync(join(dir, '0/data/a.csv'), 'data/b.csv');
      },
    ],
    [
      'the bundle’s file was replaced',
      () => {
        writeFileSync(join(root, 'new'), 'data/A.csv');
        renameSync(join(root, 'new'), join(root, 'data/a.csv'));
      },
    ],
  ])('leaves a view to its hosts and opens another if %s', async (_what, change) => {
    await open();
    change();
    const view = await open();
    expect(view).toBe(join(dir, '1'));
    expect(listed(view)).toEqual(FILES);
    expect(readFileSync(join(view, 'data/a.csv'), 'utf8')).toBe(readFileSync(join(root, 'data/a.csv'), 'utf8'));
    expect(views()).toEqual(['0', '1']);
  });

  it('is safe for concurrent callers, and leaves no other files', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, open));
    expect(new Set(opened)).toEqual(new Set([join(dir, '0')]));
    expect(views()).toEqual(['0']);
  });

  it('fails for a file that is missing from the bundle, and leaves no view', async () => {
    rmSync(join(root, 'data/a.csv'));
    await expect(open()).rejects.toMatchObject({ code: 'ENOENT' });
    expect(views()).toEqual([]);
  });
});
