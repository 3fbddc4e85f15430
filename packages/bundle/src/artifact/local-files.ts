import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { BundleManifest } from '@modelops/contracts';
import { digestOfFile } from './bundle-file.ts';

type File = BundleManifest['files'][number];

/** How a file on the disk compares with one of a bundle. `linked`: it is not a regular file, or a parent is not a folder. */
export type LocalFile = 'same' | 'different' | 'missing' | 'linked';

/** Compares a bundle's file with the one in `dir`: by size, then by every byte. */
export function compareLocal(dir: string, { path, size, digest }: File): LocalFile {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    const folder = lstatSync(join(dir, ...parts.slice(0, depth)), { throwIfNoEntry: false });
    if (folder === undefined) return 'missing';
    if (!folder.isDirectory()) return 'linked';
  }
  const found = lstatSync(join(dir, path), { throwIfNoEntry: false });
  if (found === undefined) return 'missing';
  if (!found.isFile()) return 'linked';
  return found.size === size && digestOfFile(join(dir, path)).digest === digest ? 'same' : 'different';
}

/** True if `dir` contains every file of a bundle unchanged. */
export function isIntact(dir: string, { files }: BundleManifest): boolean {
  return files.every((file) => compareLocal(dir, file) === 'same');
}
