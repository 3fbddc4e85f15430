import { statSync } from 'node:fs';

/** Whether a path is a file, or a symbolic link to one. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
