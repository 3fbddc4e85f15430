import { isModelOpsError } from '@modelops/contracts';
import { getBounded, MAX_BYTES } from '../../objects/get-bounded.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { INDEX } from '../pack-name.ts';

/** A pack whose bytes differ from its index, or whose index cannot be read. */
export interface BadPack {
  readonly pack: string;
  readonly reason: string;
}

/** Moves a pack to `quarantine/`, where no results are read. Its index is deleted first, so that a part of it never counts as a pack. */
export async function quarantinePack(objects: ObjectStore, folder: string): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of objects.list(`${folder}/`)) keys.push(key);
  for (const key of keys) {
    const object = await getBounded(objects, key, MAX_BYTES.output).catch((error) => {
      if (isModelOpsError(error) && error.code === 'STORE_CORRUPT') return undefined; // a link, a FIFO or an oversized file: not kept
      throw error;
    });
    if (object !== undefined) await objects.put(`quarantine/${key}`, object.bytes);
  }
  await removePack(objects, keys);
}

/** Deletes a pack's objects, its index first: a reader that finds no index reads its tasks elsewhere. */
export async function removePack(objects: ObjectStore, keys: readonly string[]): Promise<void> {
  const isIndex = (key: string) => Number(key.endsWith(`/${INDEX}`));
  for (const key of [...keys].sort((a, b) => isIndex(b) - isIndex(a))) await objects.delete(key);
}
