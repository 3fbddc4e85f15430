import type { JobId } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { type PackObjects, packsUnder, walkPacks } from '../packs/catalogue/list-packs.ts';
import { isOpen, namedFiles, openWholeIndex } from '../packs/index/open-index.ts';
import type { TaskIdSet } from '../packs/index/task-id-set.ts';
import { EVICTED, INDEX, packBegunAt } from '../packs/pack-name.ts';
import type { ParquetTable } from '../packs/parquet/read-parquet.ts';
import { isImported } from '../packs/rows.ts';
import type { JobRegistry } from '../records/job-registry.ts';
import { findReachable, type UnreadableJob } from './reachable-tasks.ts';

/**
 * Objects that are not needed: `outputs` of a pack of which no job expects a task, files of a pack without an index (`orphan`), files that no
 * index names (`stray`), and bad packs in quarantine (`quarantined`).
 */
export interface Garbage {
  readonly kind: 'outputs' | 'orphan' | 'stray' | 'quarantined';
  /** The pack's prefix without its last `/`. */
  readonly pack: string;
  readonly files: readonly { readonly key: string; readonly size: number }[];
  /** Tasks whose outputs are deleted; their index is kept. */
  readonly tasks: number;
}

export interface GarbagePlan {
  readonly garbage: readonly Garbage[];
  /** Packs whose outputs are kept because a job expects one of their tasks, or because they were imported and no job can compute them again. */
  readonly kept: { readonly reachable: number; readonly imported: number };
  /** Packs without outputs already. */
  readonly evicted: number;
  /** Jobs whose spec cannot be read. While there is one, all outputs are kept: it may need any of them. */
  readonly unreadable: readonly UnreadableJob[];
}

export interface GarbageOptions {
  /** Jobs whose results are kept without their outputs, unless another job expects them too. */
  readonly evict: ReadonlySet<JobId>;
  /** A pack without an index that was begun later than this, milliseconds, may still be in progress. */
  readonly orphansBefore: number;
  readonly withQuarantine: boolean;
}

/** Plans what to delete. Reads indexes, specs and listings; changes nothing. */
export async function planGarbage(
  objects: ObjectStore,
  registry: Pick<JobRegistry, 'spec'>,
  { evict, orphansBefore, withQuarantine }: GarbageOptions,
): Promise<GarbagePlan> {
  // Packs are listed before jobs: every job that wrote one of them is registered by then.
  const packs = await packsUnder(objects);
  const reachable = await findReachable(objects, registry, evict);
  const garbage: Garbage[] = [];
  const count = { reachable: 0, imported: 0, evicted: 0 };
  for (const pack of packs) {
    const index = await openWholeIndex(objects, pack.folder);
    if (index === 'gone') garbage.push(...orphansOf(pack, orphansBefore));
    if (!isOpen(index)) continue; // `check` and readers quarantine a bad index
    const { outputs, strays } = filesOf(pack, index);
    if (strays.length > 0) garbage.push({ kind: 'stray', pack: pack.folder, files: strays, tasks: 0 });
    if (outputs.length === 0 && pack.isEvicted) count.evicted++;
    if (outputs.length === 0) continue;
    if (reachable.unreadable.length > 0) {
      count.reachable++;
      continue;
    }
    const why = whyKept(index, await reachable.tasksUnder(pack.prefix));
    if (why === undefined) garbage.push({ kind: 'outputs', pack: pack.folder, files: outputs, tasks: index.rows });
    else count[why]++;
  }
  if (withQuarantine)
    for await (const { folder, files } of walkPacks(objects, 'quarantine/'))
      garbage.push({ kind: 'quarantined', pack: folder, files, tasks: 0 });
  return {
    garbage,
    kept: { reachable: count.reachable, imported: count.imported },
    evicted: count.evicted,
    unreadable: reachable.unreadable,
  };
}

function orphansOf({ folder, name, files }: PackObjects, before: number): Garbage[] {
  const begun = packBegunAt(name);
  return begun !== undefined && begun < before ? [{ kind: 'orphan', pack: folder, files, tasks: 0 }] : [];
}

function filesOf({ folder, files }: PackObjects, index: ParquetTable): { outputs: PackObjects['files']; strays: PackObjects['files'] } {
  const named = new Set(namedFiles(index).map((file) => `${folder}/${file}`));
  const others = files.filter(({ key }) => key !== `${folder}/${INDEX}` && key !== `${folder}/${EVICTED}`);
  return { outputs: others.filter(({ key }) => named.has(key)), strays: others.filter(({ key }) => !named.has(key)) };
}

/** Whether one of an index's tasks is expected. */
export function isExpected(index: ParquetTable, expected: TaskIdSet): boolean {
  return expected.size > 0 && index.list<Parameters<TaskIdSet['has']>[0]>('task_id').some((id) => expected.has(id));
}

function whyKept(index: ParquetTable, expected: TaskIdSet): 'reachable' | 'imported' | undefined {
  if (isExpected(index, expected)) return 'reachable';
  return hasImported(index) ? 'imported' : undefined;
}

/** Whether a pack of simulations has imported results. */
export function hasImported(index: ParquetTable): boolean {
  return index.list<string>('worker').some(isImported);
}
