import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { canonicalJson } from '@modelops/contracts';
import { isFile } from '@modelops/system';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * A key of everything that determines which interpreter a command starts: the program's file, and for pyenv's shim, a shell script that takes
 * longer than Python, pyenv's settings. Undefined for a command that is not found, and for scripts of other tools, whose choice is unknown.
 */
export function selectionOf(command: string, env: Env, cwd: string): string | undefined {
  const path = locate(command, env);
  if (path === undefined) return undefined;
  const file = [path, ...stampOf(path)];
  if (!isScript(path)) return canonicalJson({ file });
  const root = dirname(dirname(path));
  if (basename(dirname(path)) !== 'shims' || statSync(join(root, 'versions'), { throwIfNoEntry: false }) === undefined) return undefined;
  const chosen = [env.PYENV_VERSION ?? null, env.PYENV_DIR ?? null, localVersion(env.PYENV_DIR ?? cwd), textOf(join(root, 'version'))];
  return canonicalJson({ file, chosen, installed: stampOf(join(root, 'versions')) });
}

function locate(command: string, env: Env): string | undefined {
  if (command.includes('/')) return isFile(command) ? command : undefined;
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  return folders.map((folder) => join(folder, command)).find(isFile);
}

function stampOf(path: string): [string, number, number] {
  const { size, mtimeMs } = statSync(path);
  return [realpathSync(path), size, mtimeMs];
}

function isScript(path: string): boolean {
  const start = Buffer.alloc(2);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, 2, 0);
  } finally {
    closeSync(file);
  }
  return start.toString('latin1') === '#!';
}

/** The nearest `.python-version` at or above a folder. */
function localVersion(folder: string): string | null {
  const parent = dirname(folder);
  return textOf(join(folder, '.python-version')) ?? (parent === folder ? null : localVersion(parent));
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
