import { answering, ModelOpsError, parseJson } from '@modelops/contracts';
import type * as z from 'zod';
import type { ObjectStore } from './object-store.ts';

const MIB = 2 ** 20;

/** Maximum size of each kind of object that is read, far above what our programs write: a larger object is foreign or damaged. */
export const MAX_BYTES = {
  /** `state.json`, a claim, a chunk's `done`: records of a few KiB. */
  record: MIB,
  /** A study of a million explicit parameter sets. */
  spec: 256 * MIB,
  manifest: 16 * MIB,
  index: 512 * MIB,
  /** An output of a pack, or the losses of a job: a frame of a host is at most 2 GiB. */
  output: 2_048 * MIB,
} as const;

/** Objects up to this size are read in one request, larger ones once their size is known. */
const FIRST_BYTES = 64 * MIB;

/**
 * Reads an object of at most `max` bytes; a larger one is refused before more than 64 MiB of memory are allocated.
 * @throws STORE_CORRUPT naming the object that is larger
 */
export async function getBounded(objects: Pick<ObjectStore, 'get' | 'head'>, key: string, max: number): ReturnType<ObjectStore['get']> {
  const first = Math.min(max, FIRST_BYTES);
  const object = await objects.get(key, { start: 0, end: first + 1 });
  if (object === undefined || object.bytes.length <= first) return object;
  const size = first === max ? Number.POSITIVE_INFINITY : ((await objects.head(key))?.size ?? 0);
  if (size > max)
    throw new ModelOpsError('STORE_CORRUPT', `${key} is larger than ${Math.floor(max / MIB)} MiB`, {
      hint: 'ModelOps never writes an object of this size: remove it from the store',
    });
  return objects.get(key, { start: 0, end: max });
}

/** A JSON object by its schema; undefined if there is none. @throws STORE_CORRUPT naming the object */
export async function readRecord<S extends z.ZodType>(
  objects: Pick<ObjectStore, 'get' | 'head'>,
  key: string,
  schema: S,
  max: number = MAX_BYTES.record,
): Promise<z.output<S> | undefined> {
  const object = await getBounded(objects, key, max);
  return object && parseJson(object.bytes, schema, { source: key, code: 'STORE_CORRUPT' });
}

/** What `read` returns, or why the object is bad, after `what` if given. Errors other than STORE_CORRUPT are rethrown. */
export async function orBad<T>(read: () => Promise<T> | T, what?: string): Promise<T | { readonly bad: string }> {
  const bad = answering(({ message }) => ({ bad: what === undefined ? message : `${what}: ${message}` }), 'STORE_CORRUPT');
  return (async () => read())().catch(bad);
}

/** The keys under a prefix, in order. */
export async function keysUnder(objects: Pick<ObjectStore, 'list'>, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objects.list(prefix)) keys.push(key);
  return keys;
}
