import { ModelOpsError, type PackAddress, packPrefix, type TaskId } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { indexRows } from '../packs/index/index-rows.ts';
import { isOpen, openWholeIndex } from '../packs/index/open-index.ts';
import { EVICTED, replacingName } from '../packs/pack-name.ts';
import type { ParquetTable } from '../packs/parquet/read-parquet.ts';
import { isSameSet, searchPacks } from '../packs/reader/find-results.ts';
import { evictedIndex, type PackFiles, simulationFiles } from '../packs/writer/write-pack.ts';
import { type CompactedGroup, openWhole } from './compact-group.ts';
import type { CompactionOptions } from './compact-store.ts';
import { mergePacks } from './merge-packs.ts';
import { type Replacement, replacePacks } from './replace-packs.ts';

/** The packs that contained rows of the task, and those that replace them; none for a pack that contained nothing else. */
export type RemovedResult = Pick<CompactedGroup, 'replaced' | 'written'>;

export type RemoveOptions = Pick<CompactionOptions, 'isDryRun' | 'now' | 'random'>;

/** Other processes may write the task, or packs with it, meanwhile. */
const MAX_ROUNDS = 10;

/**
 * Removes one task's result and failures. A pack never changes: each pack with the task is written again without it under
 * another name, as in compaction. A reader that knows the old pack finds it deleted and lists again.
 * @throws CONFLICT for a pack that cannot be rewritten, or if the task is written again repeatedly
 */
export async function removeResult(
  objects: ObjectStore,
  address: PackAddress,
  task: TaskId,
  { isDryRun, now, random }: RemoveOptions,
): Promise<RemovedResult> {
  const prefix = packPrefix(address);
  const [replaced, written]: [string[], string[]] = [[], []];
  let before: ReadonlySet<string> | undefined;
  for (let round = 0; ; round++) {
    const { rows, folders, hasGone } = await searchPacks(objects, [prefix], (index) => placesOf(index, (id) => id === task));
    const names = [...new Set(rows.map(({ pack }) => pack))];
    // A pack that is replaced during the listing may be missed under both names: two listings must have found the same packs.
    if (names.length === 0 && !hasGone && before !== undefined && isSameSet(before, folders)) return { replaced, written };
    before = folders;
    if (isDryRun) return { replaced: names, written };
    if (round === MAX_ROUNDS)
      throw new ModelOpsError('CONFLICT', `${task} is written again as soon as it is removed`, {
        hint: 'wait for the job that computes it, then try again',
      });
    for (const name of names) {
      const without = await packWithout(objects, prefix, name, task, (of) => replacingName(of, now(), random));
      if (without === 'gone' || !(await replacePacks(objects, prefix, [name], without))) continue;
      if (without !== undefined) written.push(without.name);
      replaced.push(name);
    }
  }
}

function placesOf(index: ParquetTable, isWanted: (id: TaskId) => boolean): number[] {
  return index.list<TaskId>('task_id').flatMap((id, at) => (isWanted(id) ? [at] : []));
}

async function packWithout(
  objects: ObjectStore,
  prefix: string,
  name: string,
  task: TaskId,
  nameFor: (replaced: string) => string,
): Promise<Replacement | undefined | 'gone'> {
  const pack = await openWhole(objects, `${prefix}${name}`, name);
  if (typeof pack === 'string') {
    const files = await evictedWithout(objects, `${prefix}${name}`, task);
    if (files !== undefined) return files.length === 0 ? undefined : { name: nameFor(name), files };
    if ((await openWholeIndex(objects, `${prefix}${name}`)) === 'gone') return 'gone';
    throw new ModelOpsError('CONFLICT', `cannot rewrite pack ${name}, which contains ${task}: ${pack}`, {
      hint: 'mops store check',
    });
  }
  const contents = mergePacks([pack], ({ task_id }) => task_id !== task);
  return contents && { name: nameFor(name), files: simulationFiles(contents) };
}

/**
 * An evicted pack without one task: its index, and the mark of the eviction. No files if the pack contained nothing else; undefined for a pack that
 * was not evicted.
 */
async function evictedWithout(objects: ObjectStore, folder: string, task: TaskId): Promise<PackFiles | undefined> {
  const [index, eviction] = [await openWholeIndex(objects, folder), await objects.get(`${folder}/${EVICTED}`)];
  if (!isOpen(index) || eviction === undefined) return undefined;
  const places = placesOf(index, (id) => id !== task);
  if (places.length === 0) return [];
  return [{ name: EVICTED, bytes: eviction.bytes }, evictedIndex(indexRows(index, folder, places))];
}
