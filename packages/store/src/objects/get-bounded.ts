import { ModelOpsError } from '@modelops/contracts';
import type { ObjectStore } from './object-store.ts';

const MIB = 2 ** 20;

/** The most bytes of each kind of object that are read. Far above what the programs write; what is larger is foreign or damaged. */
export const MOST_BYTES = {
  /** `state.json`, a chunk's `done`, an eviction: records of a few KiB. */
  record: MIB,
  /** A study of a million explicit parameter sets. */
  spec: 256 * MIB,
  manifest: 16 * MIB,
  index: 512 * MIB,
  /** An output of a pack, or the losses of a job: a frame of a host is at most 2 GiB. */
  output: 2_048 * MIB,
} as const;

/** Objects up to this size take one request; a larger one is read only after its size is known. */
const FIRST_BYTES = 64 * MIB;

/**
 * An object of at most `most` bytes; a larger one is refused before more than 64 MiB are taken for it.
 * @throws STORE_CORRUPT naming the object that is larger
 */
export async function getBounded(objects: Pick<ObjectStore, 'get' | 'head'>, key: string, most: number): ReturnType<ObjectStore['get']> {
  const first = Math.min(most, FIRST_BYTES);
  const object = await objects.get(key, { start: 0, end: first + 1 });
  if (object === undefined || object.bytes.length <= first) return object;
  const size = first === most ? Number.POSITIVE_INFINITY : ((await objects.head(key))?.size ?? 0);
  if (size > most)
    throw new ModelOpsError('STORE_CORRUPT', `${key} is larger than ${Math.floor(most / MIB)} MiB`, {
      hint: 'no program of ours writes one so large: remove it from the store',
    });
  return objects.get(key, { start: 0, end: most });
}
