import { posix } from 'node:path';

const MISSING = 'no such file';
const QUOTED = /["'`‘“]([^"'`’”]+)["'’”]/g;

/**
 * The file that a command did not find, from the last message on its stderr with "No such file": in quotes, or the word before it. It is relative to the
 * project, where the command runs in `folder`. Undefined for a path that is absolute or outside the project, and if no file is named.
 */
export function missingFile(stderr: string, folder: string): string | undefined {
  const line = stderr.split('\n').findLast((each) => each.toLowerCase().includes(MISSING));
  const named = line === undefined ? undefined : namedIn(line);
  if (named === undefined || posix.isAbsolute(named)) return undefined;
  const file = posix.normalize(posix.join(folder, named));
  return file === '.' || file === '..' || file.startsWith('../') ? undefined : file;
}

function namedIn(line: string): string | undefined {
  const at = line.toLowerCase().indexOf(MISSING);
  const quoted = [...line.matchAll(QUOTED)].at(-1)?.[1];
  if (quoted !== undefined) return quoted;
  const words = line.slice(0, at).split(/[\s:(]/);
  return words.findLast((word) => word !== '');
}
