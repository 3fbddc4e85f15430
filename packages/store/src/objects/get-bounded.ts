import { ModelOpsError } from '@modelops/contracts';
import type { ObjectStore } from './object-store.ts';

const MIB = 2 ** 20;

/** Maximum size of each kind of object that is read, far above what our programs write: a larger object is foreign or damaged. */
export const MAX_BYTES = {
  /** `state.json`, a chunk's `done`, an eviction: records of a few KiB. */
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
