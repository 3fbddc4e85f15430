import type { ObjectStore } from '../objects/object-store.ts';
import { writeEviction } from '../packs/catalogue/eviction.ts';
import { removePack } from '../packs/catalogue/quarantine.ts';
import { isOpen, openWholeIndex } from '../packs/index/open-index.ts';
import { EVICTED, INDEX } from '../packs/pack-name.ts';
import type { JobRegistry } from '../records/job-registry.ts';
import { type Garbage, type GarbageOptions, isExpected } from './plan-garbage.ts';
import { findReachable } from './reachable-tasks.ts';

export interface CollectOptions extends Pick<GarbageOptions, 'evict'> {
  readonly now: () => number;
  /** Ends the work after the packs under way. */
  readonly signal?: AbortSignal;
  readonly onPack?: (done: number, total: number) => void;
}

/** Packs whose outputs are deleted together: the jobs are read again once for each such group. */
const TOGETHER = 500;

/**
 * Deletes what was planned, but what jobs that came since then need, and gives what went. A kill at any point leaves something to go on with.
 *
 * Outputs are deleted only after their pack is marked beside its index and the jobs were read again. A submission works the other way round: it
 * registers the job first and then lists the packs. So either the job is seen here, or the submitter sees the mark and plans to compute the task.
 * A pack that is kept in the end keeps its mark, which costs a needless computation, but no result.
 */
export async function collectGarbage(
  objects: ObjectStore,
  registry: Pick<JobRegistry, 'spec'>,
  garbage: readonly Garbage[],
  { now, evict, signal, onPack = () => undefined }: CollectOptions,
): Promise<Garbage[]> {
  const gone: Garbage[] = [];
  let done = 0;
  const take = async (one: Garbage, mayGo: boolean): Promise<void> => {
    if (mayGo) {
      await removePack(
        objects,
        one.files.map(({ key }) => key),
      );
      gone.push(one);
    }
    onPack(++done, garbage.length);
  };
  for (const one of garbage.filter(({ kind }) => kind !== 'outputs')) {
    if (signal?.aborted) return gone;
    // A writer that was slower than anyone waits has finished its pack after all.
    await take(one, one.kind !== 'orphan' || (await objects.head(`${one.pack}/${INDEX}`)) === undefined);
  }
  const outputs = garbage.filter(({ kind }) => kind === 'outputs');
  for (let start = 0; start < outputs.length && !signal?.aborted; start += TOGETHER) {
    const some = outputs.slice(start, start + TOGETHER);
    for (const one of some) await announce(objects, one, now());
    const reachable = await findReachable(objects, registry, evict);
    let at: { prefix: string; expected: Awaited<ReturnType<typeof reachable.tasksUnder>> } | undefined;
    for (const one of some) {
      const prefix = one.pack.slice(0, one.pack.lastIndexOf('/') + 1);
      if (at?.prefix !== prefix) at = { prefix, expected: await reachable.tasksUnder(prefix) };
      const index = await openWholeIndex(objects, one.pack);
      await take(one, reachable.unreadable.length === 0 && isOpen(index) && !isExpected(index, at.expected));
      // Compacted meanwhile: nothing stands here any more.
      if (!isOpen(index)) await objects.delete(`${one.pack}/${EVICTED}`);
    }
  }
  return gone;
}

async function announce(objects: ObjectStore, { pack, files }: Garbage, now: number): Promise<void> {
  const named = files.map(({ key, size }) => ({ name: key.slice(pack.length + 1), size }));
  await writeEviction(objects, pack, { at: new Date(now).toISOString(), files: named });
}
