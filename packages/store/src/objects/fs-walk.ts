import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent } from '@modelops/system';
import { etagOf } from './fs-file.ts';
import { isKeyPart, RESERVED } from './key.ts';
import type { ListOptions, ObjectInfo } from './object-store.ts';

/** Files examined together: a caller that stops early does not pay for the rest. */
const SLICE = 64;

/**
 * Objects under a folder (`''` or ending in `/`) in order of keys, one folder read at a time.
 * Folders wholly before `startAfter` or outside `prefix` are not read, nor are the targets of links. A file whose name cannot be part of a key is
 * skipped: it was created by another program, and no operation could name it.
 */
export async function* walk(root: string, folder: string, prefix: string, options: ListOptions): AsyncIterable<ObjectInfo> {
  const { startAfter = '', delimiter, keysOnly = false } = options;
  let files: string[] = [];
  for (const key of await keysIn(root, folder)) {
    const isFolder = key.endsWith('/');
    const isWithin = key.startsWith(prefix) || (isFolder && prefix.startsWith(key));
    const isAfter = key > startAfter || (isFolder && delimiter === undefined && startAfter.startsWith(key));
    if (!isWithin || !isAfter) continue;
    if (!isFolder && keysOnly) yield { key, size: 0, etag: '' };
    else if (!isFolder) files.push(key);
    if (isFolder || files.length === SLICE) {
      yield* await infosOf(root, files);
      files = [];
    }
    if (isFolder && delimiter !== undefined && key.startsWith(prefix)) yield { key, size: 0, etag: '' };
    else if (isFolder) yield* walk(root, key, prefix, options);
  }
  yield* await infosOf(root, files);
}

async function keysIn(root: string, folder: string): Promise<string[]> {
  try {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    return entries
      .filter(({ name }) => (folder !== '' || name !== RESERVED) && isKeyPart(name))
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

async function infosOf(root: string, keys: readonly string[]): Promise<ObjectInfo[]> {
  const infos = await Promise.all(
    keys.map(async (key) => {
      const held = await lstat(join(root, key), { bigint: true }).catch(() => undefined); // deleted meanwhile
      if (held === undefined || held.isDirectory()) return undefined;
      return held.isFile() ? { key, size: Number(held.size), etag: etagOf(held) } : { key, size: 0, etag: '' };
    }),
  );
  return infos.filter((info) => info !== undefined);
}
