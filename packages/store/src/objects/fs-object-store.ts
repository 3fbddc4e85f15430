import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import { codeOf, translateFsError } from './fs-errors.ts';
import { withLock } from './fs-lock.ts';
import { checkKey } from './key.ts';
import type { ObjectInfo, ObjectStore, PutCondition } from './object-store.ts';

/** Holds what is being written, and locks; never listed. */
const ASIDE = '.aside';
type Range = { readonly start: number; readonly end: number };
let written = 0;

/**
 * Objects as files under `root`. A write goes to a file aside, is synced and then renamed, so that a crash at any point leaves the old
 * object or the new one. Created-if-absent is a hard link, which exactly one of many processes makes; if-match holds a lock file of the key
 * while it compares and renames. An etag is the file's inode, size and time of change: each write is a new file, with a time that no other has.
 */
export function createFsObjectStore(root: string): ObjectStore {
  const asidePath = () => join(root, ASIDE, `${process.pid}-${Date.now().toString(36)}-${written++}`);
  const guarded = async <T>(key: string, action: (path: string) => Promise<T>): Promise<T> => {
    checkKey(key);
    if (key === ASIDE || key.startsWith(`${ASIDE}/`)) throw new ModelOpsError('VALUE_INVALID', `${key} is the store's own folder`);
    const path = join(root, key);
    try {
      return await action(path);
    } catch (error) {
      throw translateFsError(error, path);
    }
  };

  const writeAside = async (bytes: Uint8Array): Promise<string> => {
    const path = asidePath();
    const write = async () => {
      const file = await open(path, 'wx');
      try {
        await file.writeFile(bytes);
        await file.utimes(new Date(), unlikeAnyOther());
        await file.datasync();
      } finally {
        await file.close();
      }
    };
    await inFolder(join(root, ASIDE), write);
    return path;
  };

  const place = async (aside: string, path: string, condition: PutCondition | undefined): Promise<'placed' | 'conflict'> => {
    if (condition === undefined) await inFolder(dirname(path), () => rename(aside, path));
    else if ('ifAbsent' in condition) {
      try {
        await inFolder(dirname(path), () => link(aside, path));
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
        if (await isFolder(path)) throw Object.assign(new Error('a folder is in the way'), { code: 'EISDIR' });
        return 'conflict';
      }
    } else {
      const lock = join(root, ASIDE, `lock-${createHash('sha256').update(path).digest('hex')}`);
      return withLock(lock, `${aside}.lock`, async () => {
        const held = await statOf(path);
        if (held === undefined || etagOf(held) !== condition.ifMatch) return 'conflict';
        await rename(aside, path);
        return 'placed';
      });
    }
    return 'placed';
  };

  return {
    get: (key, range) =>
      guarded(key, async (path) => {
        try {
          return await readVersion(path, range);
        } catch (error) {
          if (isAbsent(error)) return undefined;
          throw error;
        }
      }),
    put: (key, bytes, condition) =>
      guarded(key, async (path) => {
        const aside = await writeAside(bytes);
        try {
          const etag = etagOf((await statOf(aside))!);
          return (await place(aside, path, condition)) === 'placed' ? { etag } : 'conflict';
        } finally {
          await rm(aside, { force: true });
        }
      }),
    head: (key) =>
      guarded(key, async (path) => {
        const held = await statOf(path);
        return held && { size: Number(held.size), etag: etagOf(held) };
      }),
    async *list(prefix, { startAfter = '' } = {}) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      if (folder !== '') checkKey(folder.slice(0, -1));
      yield* walk(root, folder, prefix, startAfter);
    },
    delete: (key) =>
      guarded(key, async (path) => {
        try {
          await unlink(path);
        } catch (error) {
          if (!isAbsent(error) && !(await isFolder(path))) throw error;
        }
      }),
  };
}

/** Runs an action that needs the folder, making it when the action says that it is not there. */
async function inFolder<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await mkdir(folder, { recursive: true });
    return action();
  }
}

/** The bytes and the etag of one version: read through one descriptor, so that a rename in between changes neither. */
async function readVersion(path: string, range: Range | undefined): Promise<{ bytes: Uint8Array; etag: string }> {
  const file = await open(path, 'r');
  try {
    const held = await file.stat({ bigint: true });
    if (held.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'ENOENT' });
    return { bytes: range === undefined ? await file.readFile() : await readRange(file, range, Number(held.size)), etag: etagOf(held) };
  } finally {
    await file.close();
  }
}

async function readRange(file: FileHandle, { start, end }: Range, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (held) => held.isDirectory(),
    () => false,
  );
}

/**
 * Seconds since 1970, their fraction drawn at random. The clock of a file system moves every few milliseconds and an inode is used again at
 * once: the third of three quick writes would have the etag of the first, and a change meant for the first would overwrite two others.
 */
function unlikeAnyOther(): number {
  return Math.floor(Date.now() / 1000) + Math.random();
}

async function statOf(path: string): Promise<BigIntStats | undefined> {
  try {
    const held = await stat(path, { bigint: true });
    return held.isFile() ? held : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** The change time is left out: linking, as create-if-absent does, and unlinking the file aside change it without a write. */
function etagOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino.toString(36)}-${mtimeNs.toString(36)}-${size}`;
}

function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Objects under a folder (`''` or ending in `/`) in order of keys. Folders that lie wholly before `startAfter` or outside `prefix` are not read. */
async function* walk(root: string, folder: string, prefix: string, startAfter: string): AsyncIterable<ObjectInfo> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error) => {
    if (isAbsent(error)) return [];
    throw translateFsError(error, join(root, folder));
  });
  const keys = entries
    .filter(({ name }) => folder !== '' || name !== ASIDE)
    .map((entry) => (entry.isDirectory() ? `${folder}${entry.name}/` : `${folder}${entry.name}`))
    .sort();
  for (const key of keys) {
    if (key.endsWith('/')) {
      const mayHold = key.startsWith(prefix) || prefix.startsWith(key);
      const isBefore = key < startAfter && !startAfter.startsWith(key);
      if (mayHold && !isBefore) yield* walk(root, key, prefix, startAfter);
    } else if (key.startsWith(prefix) && key > startAfter) {
      const held = await statOf(join(root, key)).catch((error) => {
        throw translateFsError(error, join(root, key));
      });
      if (held !== undefined) yield { key, size: Number(held.size), etag: etagOf(held) };
    }
  }
}
