import { ModelOpsError, readJson } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';

/** One record under one key, changed by compare-and-swap. */
export interface VersionedStore<T> {
  read(key: string): Promise<{ readonly value: T; readonly etag: string } | undefined>;
  /** False when there is one already. */
  create(key: string, value: T): Promise<boolean>;
  /**
   * Applies `change` to the newest version, again when another writer was first. `change` may be called several times, and its
   * error ends the update. @throws CONFLICT after 100 lost races, RESULT_NOT_FOUND when there is no record
   */
  update(key: string, change: (value: T) => T): Promise<T>;
}

export interface VersionedOptions<T> {
  readonly parse: (value: unknown, key: string) => T;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  readonly random?: () => number;
}

const ATTEMPTS = 100;
const LONGEST_PAUSE_MS = 200;

export function createVersionedStore<T>(
  objects: ObjectStore,
  { parse, sleep = pause, random = Math.random }: VersionedOptions<T>,
): VersionedStore<T> {
  const encode = (value: T) => new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  const read: VersionedStore<T>['read'] = async (key) => {
    const object = await objects.get(key);
    if (object === undefined) return undefined;
    const record = readJson(new TextDecoder().decode(object.bytes), { source: key, code: 'STORE_CORRUPT' });
    return { value: parse(record, key), etag: object.etag };
  };
  return {
    read,
    create: async (key, value) => (await objects.put(key, encode(value), { ifAbsent: true })) !== 'conflict',
    async update(key, change) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const held = await read(key);
        if (held === undefined) throw new ModelOpsError('RESULT_NOT_FOUND', `there is no record ${key}`);
        const value = change(held.value);
        if ((await objects.put(key, encode(value), { ifMatch: held.etag })) !== 'conflict') return value;
        await sleep(Math.min(LONGEST_PAUSE_MS, 2 ** attempt) * random());
      }
      throw new ModelOpsError('CONFLICT', `${key} was changed by others ${ATTEMPTS} times in a row`, { hint: 'try again' });
    },
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
