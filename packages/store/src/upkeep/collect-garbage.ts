import type { ObjectStore } from '../objects/object-store.ts';
import { removeObjects, writeEviction } from '../packs/catalogue/removal.ts';
import { isOpen, openWholeIndex } from '../packs/index/open-index.ts';
import { EVICTED, INDEX } from '../packs/pack-name.ts';
import type { JobRegistry } from '../records/job-registry.ts';
import { type Garbage, type GarbageOptions, isExpected } from './plan-garbage.ts';
import { findReachable } from './reachable-tasks.ts';

export interface CollectOptions extends Pick<GarbageOptions, 'evict'> {
  readonly now: () => number;
  /** Stops after the current packs. */
  readonly signal?: AbortSignal;
  readonly onPack?: (done: number, total: number) => void;
}

/** Packs whose outputs are deleted together: the jobs are read again once per group. */
const GROUP_SIZE = 500;

/**
 * Deletes the planned garbage, except what newer jobs need, and returns what was deleted. After a kill at any point it can be repeated.
 *
 * Outputs are deleted only after their pack is marked as evicted and the jobs have been read again. A submission does the reverse: it
 * registers the job first and then lists the packs. So either the job is found here, or the submitter finds the mark and plans to compute the task.
 * A pack that is kept in the end keeps its mark, which may cost an unnecessary computation, but no result.
 */
export async function collectGarbage(
  objects: ObjectStore,
  registry: Pick<JobRegistry, 'spec'>,
  garbage: readonly Garbage[],
  { now, evict, signal, onPack = () => undefined }: CollectOptions,
): Promise<Garbage[]> {
  const deleted: Garbage[] = [];
  let done = 0;
  const collect = async (one: Garbage, isUnneeded: boolean): Promise<void> => {
    if (isUnneeded) {
      const keys = one.files.map(({ key }) => key);
      await removeObjects(objects, keys);
      deleted.push(one);
    }
    onPack(++done, garbage.length);
  };
  for (const one of garbage.filter(({ kind }) => kind !== 'outputs')) {
    if (signal?.aborted) return deleted;
    // A slow writer may have finished its pack meanwhile.
    await collect(one, one.kind !== 'orphan' || (await objects.head(`${one.pack}/${INDEX}`)) === undefined);
  }
  const outputs = garbage.filter(({ kind }) => kind === 'outputs');
  for (let start = 0; start < outputs.length && !signal?.aborted; start += GROUP_SIZE) {
    const some = outputs.slice(start, start + GROUP_SIZE);
    for (const one of some) await markEvicted(objects, one, now());
    const reachable = await findReachable(objects, registry, evict);
    for (const one of some) {
      const expected = await reachable.tasksUnder(one.pack.slice(0, one.pack.lastIndexOf('/') + 1));
      const index = await openWholeIndex(objects, one.pack);
      await collect(one, reachable.unreadable.length === 0 && isOpen(index) && !isExpected(index, expected));
      // The pack has been compacted meanwhile.
      if (!isOpen(index)) await objects.delete(`${one.pack}/${EVICTED}`);
    }
  }
  return deleted;
}

async function markEvicted(objects: ObjectStore, { pack, files }: Garbage, now: number): Promise<void> {
  const named = files.map(({ key, size }) => ({ name: key.slice(pack.length + 1), size }));
  await writeEviction(objects, pack, { at: new Date(now).toISOString(), files: named });
}
