import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFiles } from '../testing/sources.ts';
import { findPython } from './interpreter.ts';
import { selectionOf } from './selection.ts';

function pyenv() {
  const root = makeFiles({ 'shims/python3': '#!/bin/sh\n', version: '3.11.7\n', 'versions/3.11.7/x': '', 'work/sub/x': '' });
  const select = (env: Record<string, string> = {}, cwd = 'work/sub') =>
    selectionOf('python3', { PATH: join(root, 'shims'), ...env }, join(root, cwd));
  return { root, select };
}

it('a program is selected only by its file, in any folder', () => {
  const root = makeFiles({ 'bin/python3.11': '\x7fELF', 'other/x': '' });
  symlinkSync('python3.11', join(root, 'bin/python3'));
  const select = (cwd: string) => selectionOf('python3', { PATH: `/nowhere:${join(root, 'bin')}` }, join(root, cwd));
  const before = select('bin');
  expect(before).toContain('bin/python3.11');
  expect(select('other')).toBe(before);
  utimesSync(join(root, 'bin/python3.11'), 1, 1);
  expect(select('bin')).not.toBe(before);
  expect(selectionOf('python3', { PATH: '/nowhere' }, root)).toBeUndefined();
});

it('pyenv selects by its variables, the nearest .python-version, its default and the installed versions', () => {
  const { root, select } = pyenv();
  const seen = new Set([select()]);
  const isOther = (selection: string | undefined) => seen.size < seen.add(selection).size;
  expect(isOther(select())).toBe(false);
  expect(isOther(select({ PYENV_VERSION: '3.12.1' }))).toBe(true);
  writeFileSync(join(root, 'work/.python-version'), '3.12.1\n');
  expect(isOther(select())).toBe(true);
  writeFileSync(join(root, 'version'), '3.10.13\n');
  expect(isOther(select())).toBe(true);
  mkdirSync(join(root, 'versions/3.13.0'));
  utimesSync(join(root, 'versions'), 1, 1);
  expect(isOther(select())).toBe(true);
});

it('scripts of other tools are run each time', () => {
  const root = makeFiles({ 'shims/python3': '#!/bin/sh\n', 'bin/python3': '#!/bin/sh\n' });
  for (const folder of ['shims', 'bin']) expect(selectionOf('python3', { PATH: join(root, folder) }, root)).toBeUndefined();
});

it('an interpreter is queried once, and again if it was removed', async () => {
  const { root } = pyenv();
  const [shim, found, calls] = ['shims/python3', 'versions/3.11.7/x', 'calls'].map((path) => join(root, path)) as [string, string, string];
  writeFileSync(shim, `#!/bin/sh\nprintf x >>'${calls}'\necho '["${found}", [3, 12], "linux-x86_64"]'\n`);
  chmodSync(shim, 0o755);
  const find = () => findPython(shim, join(root, 'cache'));
  await find();
  expect(await find()).toEqual({ interpreter: found, version: '3.12', platform: 'linux-x86_64' });
  expect(readFileSync(calls, 'utf8')).toBe('x');
  rmSync(found);
  await find();
  expect(readFileSync(calls, 'utf8')).toBe('xx');
});
