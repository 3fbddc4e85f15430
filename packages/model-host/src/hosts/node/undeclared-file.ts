import { isAbsolute, relative, resolve } from 'node:path';

/**
 * The hint for a file that a model did not find in its view `dir`: the command that declares it as data. Undefined for any other error, and for
 * files outside the view.
 */
export function undeclaredFileHint(thrown: unknown, dir: string, source = 'MODEL'): string | undefined {
  const file = undeclaredFile(thrown, dir);
  return file === undefined ? undefined : hintOfUndeclared(file, source);
}

export function hintOfUndeclared(file: string, source: string): string {
  return `a model sees only its declared files; to declare this one: modelops-bundle register-model ${source} --data ${file}`;
}

/** The file that was not found in `dir`, relative to it; undefined as {@link undeclaredFileHint}. */
export function undeclaredFile(thrown: unknown, dir: string): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code, path } = thrown as NodeJS.ErrnoException;
  if (code !== 'ENOENT' || typeof path !== 'string') return undefined;
  const file = relative(dir, resolve(dir, path));
  if (file === '' || file.startsWith('..') || isAbsolute(file)) return undefined;
  return file;
}
