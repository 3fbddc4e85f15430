import { jsonBytes, ModelOpsError, readJson } from '@modelops/contracts';
import { pause, type Sleep } from '@modelops/system';
import type { ObjectStore } from '../objects/object-store.ts';
import { getBounded, MAX_BYTES } from '../objects/read-objects.ts';

/** JSON records, one per key, changed by compare-and-swap. */
export interface VersionedStore<T> {
  /** @throws STORE_CORRUPT when it cannot be parsed */
  read(key: string): Promise<{ readonly value: T; readonly etag: string } | undefined>;
  /** False if there is one already. */
  create(key: string, value: T): Promise<boolean>;
  /**
   * Applies `change` to the newest version, again when another writer was first; its error ends the update. Undefined if there is no record.
   * If the response to a write is lost and another writer follows, `change` is applied to its own result, which it must allow.
   * `announce` is awaited before each attempt to write; its error ends the update too. @throws CONFLICT after 100 lost races
   */
  update(key: string, change: (value: T) => T, announce?: (held: T, next: T) => Promise<void>): Promise<T | undefined>;
}

export interface VersionedOptions<T> {
  /** @throws if the value is not a record */
  readonly parse: (value: unknown, key: string) => T;
  /** The hint of the error for a record that is not JSON. */
  readonly hint?: string;
  readonly sleep?: Sleep;
}

const ATTEMPTS = 100;
// Long compared with one attempt, so that few writers race at a time: after losing, a writer pauses while the winner proceeds. On a busy service
// or machine an attempt takes longer, and so does the pause.
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1000;
const FIRST_PAUSE_ATTEMPTS = 4;
const LONGEST_PAUSE_ATTEMPTS = 32;

export function createVersionedStore<T>(objects: ObjectStore, { parse, hint, sleep = pause }: VersionedOptions<T>): VersionedStore<T> {
  const read: VersionedStore<T>['read'] = async (key) => {
    const object = await getBounded(objects, key, MAX_BYTES.record);
    if (object === undefined) return undefined;
    const value = readJson(object.bytes, { source: key, code: 'STORE_CORRUPT', hint });
    return { value: parse(value, key), etag: object.etag };
  };
  return {
    read,
    create: async (key, value) => (await objects.put(key, jsonBytes(value), { ifAbsent: true })) !== 'conflict',
    async update(key, change, announce) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const startedAt = performance.now();
        const held = await read(key);
        if (held === undefined) return undefined;
        const value = change(held.value);
        await announce?.(held.value, value);
        if ((await objects.put(key, jsonBytes(value), { ifMatch: held.etag })) !== 'conflict') return value;
        const took = performance.now() - startedAt;
        const longest = Math.max(LONGEST_PAUSE_MS, LONGEST_PAUSE_ATTEMPTS * took);
        await sleep(Math.min(longest, Math.max(FIRST_PAUSE_MS, FIRST_PAUSE_ATTEMPTS * took) * 2 ** attempt) * Math.random());
      }
      throw new ModelOpsError('CONFLICT', `${key} was changed by others ${ATTEMPTS} times in a row`, { hint: 'try again' });
    },
  };
}
