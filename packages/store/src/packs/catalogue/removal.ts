import { jsonBytes } from '@modelops/contracts';
import * as z from 'zod';
import type { ObjectStore } from '../../objects/object-store.ts';
import { getBounded, keysUnder, MAX_BYTES, orBad, readRecord } from '../../objects/read-objects.ts';
import { EVICTED, INDEX } from '../pack-name.ts';

/** A pack whose bytes differ from its index, or whose index cannot be read. */
export interface BadPack {
  readonly pack: string;
  readonly reason: string;
}

/** Moves a pack to `quarantine/`, where no results are read. Its index is deleted first, so that a part of it never counts as a pack. */
export async function quarantinePack(objects: ObjectStore, folder: string): Promise<void> {
  const keys = await keysUnder(objects, `${folder}/`);
  for (const key of keys) {
    const object = await orBad(() => getBounded(objects, key, MAX_BYTES.output));
    // A link, a FIFO or an oversized file is not kept.
    if (object !== undefined && !('bad' in object)) await objects.put(`quarantine/${key}`, object.bytes);
  }
  await removeObjects(objects, keys);
}

/** Deletes a pack, its index first: a reader that finds no index reads its tasks elsewhere. */
export async function removePack(objects: ObjectStore, folder: string): Promise<void> {
  await removeObjects(objects, await keysUnder(objects, `${folder}/`));
}

/** Deletes these objects of a pack, its index first. */
export async function removeObjects(objects: ObjectStore, keys: readonly string[]): Promise<void> {
  const isIndex = (key: string) => Number(key.endsWith(`/${INDEX}`));
  for (const key of [...keys].sort((a, b) => isIndex(b) - isIndex(a))) await objects.delete(key);
}

const evictionSchema = z.object({
  schema_version: z.literal(1),
  at: z.string(),
  files: z.array(z.object({ name: z.string(), size: z.int() })),
});

/** The mark of a pack whose outputs were deleted: when, and which files. */
export type Eviction = Readonly<z.output<typeof evictionSchema>>;

export async function writeEviction(objects: ObjectStore, folder: string, eviction: Omit<Eviction, 'schema_version'>): Promise<void> {
  await objects.put(`${folder}/${EVICTED}`, jsonBytes({ schema_version: 1, ...eviction }));
}

/** Undefined when the pack was not evicted. @throws STORE_CORRUPT */
export function readEviction(objects: ObjectStore, folder: string): Promise<Eviction | undefined> {
  return readRecord(objects, `${folder}/${EVICTED}`, evictionSchema, MAX_BYTES.manifest);
}
