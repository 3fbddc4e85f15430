import type { TaskId } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { EVICTED } from '../packs/evicted.ts';
import { indexRows } from '../packs/index-rows.ts';
import { isOpen, openWholeIndex } from '../packs/pack-files.ts';
import { evictedIndex, type PackFiles } from '../packs/write-pack.ts';

/**
 * A pack whose outputs were let go, written again without one task: its index, and beside it what says that they were. No files where the pack
 * held nothing else; undefined for a pack that was not let go.
 */
export async function evictedWithout(objects: ObjectStore, folder: string, task: TaskId): Promise<PackFiles | undefined> {
  const [index, eviction] = [await openWholeIndex(objects, folder), await objects.get(`${folder}/${EVICTED}`)];
  if (!isOpen(index) || eviction === undefined) return undefined;
  const ids = index.list<TaskId>('task_id');
  const places = ids.flatMap((id, at) => (id === task ? [] : [at]));
  if (places.length === 0) return [];
  return [{ name: EVICTED, bytes: eviction.bytes }, evictedIndex(indexRows(index, folder, places))];
}
