import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '@modelops/contracts';
import { writeFileAtomically } from '@modelops/system';
import type { ObjectStore } from './object-store.ts';
import { trimFolder } from './trim-folder.ts';

export interface CacheOptions {
  /** May be deleted at any time; many processes may share it. */
  readonly dir: string;
  /** True for keys whose objects never change. */
  readonly isImmutable: (key: string) => boolean;
  /** False for damaged bytes, which are not cached. Default: true. */
  readonly isSound?: (key: string, bytes: Uint8Array) => boolean;
  /** Maximum size of the folder, give or take some hundred entries. Default: 1 GiB. */
  readonly maxBytes?: number;
  /** Gives [0, 1). */
  readonly random?: () => number;
}

interface Cached {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/** Writes between two measurements of the folder. */
const WRITES_BETWEEN_TRIMS = 256;

/**
 * The same store, which caches objects that never change in a local folder once they have been read whole. An entry contains its digest: one that is torn
 * or altered is read again from the store. Only bytes are cached: whether an object exists, and which do, is requested from the store each
 * time, so an object that another process deletes may still be read here, but is not listed. If the folder cannot be written, nothing is
 * cached.
 */
export function caching(
  store: ObjectStore,
  { dir, isImmutable, isSound = () => true, maxBytes = 2 ** 30, random = Math.random }: CacheOptions,
): ObjectStore {
  // Short-lived processes write a few entries each, so each starts at a random count.
  let untilTrim = 1 + Math.floor(random() * WRITES_BETWEEN_TRIMS);
  const keep = async (path: string, object: Cached): Promise<void> => {
    await writeEntry(path, object);
    if (--untilTrim > 0) return;
    untilTrim = WRITES_BETWEEN_TRIMS;
    await trimFolder(dir, maxBytes);
  };
  const pathOf = (key: string) => {
    const name = sha256Hex(key);
    return join(dir, name.slice(0, 2), name);
  };
  const find = async (key: string) => (isImmutable(key) ? readEntry(pathOf(key)) : undefined);
  return {
    async get(key, range) {
      const cached = await find(key);
      if (cached !== undefined)
        return range === undefined ? cached : { ...cached, bytes: cached.bytes.slice(range.start, Math.max(range.start, range.end)) };
      const object = await store.get(key, range);
      const isWhole = object !== undefined && (range === undefined || (range.start === 0 && object.bytes.length < range.end));
      if (isWhole && isImmutable(key) && isSound(key, object.bytes)) await keep(pathOf(key), object);
      return object;
    },
    head: (key) => store.head(key),
    async put(key, bytes, condition) {
      const outcome = await store.put(key, bytes, condition);
      if (outcome !== 'conflict' && isImmutable(key)) await forget(pathOf(key));
      return outcome;
    },
    list: (prefix, options) => store.list(prefix, options),
    async delete(key) {
      await store.delete(key);
      if (isImmutable(key)) await forget(pathOf(key));
    },
  };
}

/** An entry consists of the digest of the rest, the etag and a line feed, and the bytes. */
const DIGEST = 64;

async function readEntry(path: string): Promise<Cached | undefined> {
  const entry = await readFile(path).catch(() => undefined); // the store has the object
  const line = entry?.indexOf('\n', DIGEST) ?? -1;
  if (entry === undefined || line < 0 || entry.toString('latin1', 0, DIGEST) !== sha256Hex(entry.subarray(DIGEST))) return undefined;
  return { etag: entry.toString('utf8', DIGEST, line), bytes: new Uint8Array(entry.subarray(line + 1)) };
}

async function writeEntry(path: string, { bytes, etag }: Cached): Promise<void> {
  const body = Buffer.concat([Buffer.from(`${etag}\n`), bytes]);
  try {
    await writeFileAtomically(path, [sha256Hex(body), body], { sync: false });
  } catch {} // a full or read-only cache does not fail the read
}

async function forget(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}
