import { link, lstat, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import { codeOf, createFileLocks, removeAbandonedFiles, type TemporaryFile, withFolder, writeTemporaryFile } from '@modelops/system';
import { translateFsError } from './fs-errors.ts';
import { etagOf, readFileAt, replaceFile, statOf, waitForClock } from './fs-file.ts';
import { createLinkGuard } from './fs-links.ts';
import { walk } from './fs-walk.ts';
import { checkKey, RESERVED } from './key.ts';
import type { ObjectStore, PutCondition } from './object-store.ts';

/**
 * Objects as files under `root`, which is created at the first write. A write goes to a file in `<root>/.tmp`, is synced to the disk, and is then moved in one step
 * to its name, so that a kill at any point leaves the old object or the new one. A new object is a hard link, which only one of many
 * processes can create; replacing or deleting an object takes the key's lock, so that a comparison of etags holds until the rename.
 *
 * A file is synced before it gets its name; its folder is not (that would add 0.4 ms to 0.7). After a power failure, not a kill, a journalling
 * file system is in the state of some seconds earlier: the last writes may be missing, in order, and none is torn.
 * An object `a` and objects `a/…` exclude each other.
 *
 * Links below `root` are not followed, and only regular files are opened: a link, FIFO, socket or device is listed as an object, so that it can be
 * named; reading and replacing it fails with STORE_CORRUPT, and deleting it removes its name alone.
 * @throws STORE_UNWRITABLE naming the folder when it is a file, read-only or full; CONFLICT for a key below that of an object
 */
export function createFsObjectStore(folder: string): ObjectStore {
  const root = resolve(folder);
  const temporary = join(root, RESERVED);
  const withLock = createFileLocks(temporary);
  const refuseLinks = createLinkGuard(root);
  const pathOf = (key: string) => {
    checkKey(key);
    return join(root, key);
  };
  const guarded = async <T>(key: string, action: (path: string) => Promise<T>): Promise<T> => {
    const path = pathOf(key);
    try {
      await refuseLinks(dirname(path));
      return await action(path);
    } catch (error) {
      throw (await collisionOf(root, key, error)) ?? translateFsError(error, root, key);
    }
  };
  let prepared: Promise<void> | undefined;
  const prepare = () => {
    prepared ??= refuseLinks(temporary).then(() => removeAbandonedFiles(temporary).catch(() => undefined)); // files that remain are never listed
    return prepared;
  };

  const create = async (from: string, path: string): Promise<boolean> => {
    try {
      await withFolder(dirname(path), () => link(from, path));
      return true;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || (await isFolder(path))) throw error;
      return false;
    }
  };
  const replace = (written: TemporaryFile, path: string, etag: string | undefined) =>
    withLock(path, async () => {
      const held = await statOf(path);
      if (etag !== undefined && (held === undefined || etagOf(held) !== etag)) return 'conflict';
      return { etag: await withFolder(dirname(path), () => replaceFile(written, path, held)) };
    });
  const place = async (
    written: TemporaryFile,
    path: string,
    condition: PutCondition | undefined,
  ): Promise<{ etag: string } | 'conflict'> => {
    if (condition !== undefined && 'ifMatch' in condition) return replace(written, path, condition.ifMatch);
    if (await create(written.path, path)) return { etag: etagOf(written.stat) };
    return condition === undefined ? replace(written, path, undefined) : 'conflict';
  };
  /** Detects a conflict before anything is written. */
  const isRefused = async (path: string, condition: PutCondition | undefined): Promise<boolean> => {
    if (condition === undefined) return false;
    const held = await statOf(path);
    return 'ifAbsent' in condition ? held !== undefined : held === undefined || etagOf(held) !== condition.ifMatch;
  };

  return {
    get: (key, range) => guarded(key, async (path) => (await readFileAt(path, range)) ?? absent(root)),
    head: (key) =>
      guarded(key, async (path) => {
        const held = await statOf(path);
        return held ? { size: Number(held.size), etag: etagOf(held) } : absent(root);
      }),
    put: (key, bytes, condition) =>
      guarded(key, async (path) => {
        await prepare();
        if (await isRefused(path, condition)) return 'conflict';
        const written = await writeTemporaryFile(temporary, bytes);
        try {
          return await place(written, path, condition);
        } finally {
          await rm(written.path, { force: true });
        }
      }),
    async *list(prefix, options = {}) {
      const within = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      if (within !== '') checkKey(within.slice(0, -1));
      try {
        await absent(root);
        await refuseLinks(join(root, within));
        yield* walk(root, within, prefix, options);
      } catch (error) {
        throw translateFsError(error, root, prefix);
      }
    },
    delete: (key) =>
      guarded(key, async (path) => {
        const found = await lstat(path, { bigint: true }).catch(() => undefined); // the next read reports the error
        if (found === undefined || found.isDirectory()) return absent(root);
        await prepare();
        await withLock(path, async () => {
          if (found.isFile()) await waitForClock((await statOf(path)) ?? found);
          await rm(path, { force: true });
        });
        await removeEmptyFolders(root, dirname(path));
      }),
  };
}

/** Undefined, unless the root itself is a file. A root that does not exist yet is an empty store. */
async function absent(root: string): Promise<undefined> {
  const held = await stat(root).catch((error) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (held !== undefined && !held.isDirectory()) throw Object.assign(new Error(`${root} is a file`), { code: 'ENOTDIR' });
  return undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isDirectory() === true; // the next step reports the error
}

/** The error if a write failed because the key is below that of an object, or is a folder of other objects. */
async function collisionOf(root: string, key: string, error: unknown): Promise<ModelOpsError | undefined> {
  const code = codeOf(error);
  if (code !== 'EEXIST' && code !== 'ENOTDIR' && code !== 'EISDIR') return undefined;
  const because = (reason: string) => new ModelOpsError('CONFLICT', `${key} cannot be written in ${root}: ${reason}`, { cause: error });
  if (await isFolder(join(root, key))) return because('other objects have keys under it');
  const parts = key.split('/');
  for (let n = 1; n < parts.length; n++) {
    const parent = parts.slice(0, n).join('/');
    if ((await statOf(join(root, parent))) !== undefined) return because(`${parent} is an object`);
  }
  return undefined;
}

async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  for (let at = folder; at.length > root.length; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return; // not empty, or another process was first; an empty folder does no harm
    }
  }
}
