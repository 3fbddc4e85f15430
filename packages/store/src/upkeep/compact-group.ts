import type { TaskId } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { LoadedPacks } from '../packs/catalogue/loaded-packs.ts';
import { aggregationRows } from '../packs/index/aggregation-rows.ts';
import type { IndexRow } from '../packs/index/index-rows.ts';
import { isBad, isOpen, type Opened, openWholeIndex, outputNames } from '../packs/index/open-index.ts';
import { replacingName } from '../packs/pack-name.ts';
import { openOutput, type PackOutput } from '../packs/reader/read-output.ts';
import { aggregationFiles, simulationFiles } from '../packs/writer/write-pack.ts';
import { joinGroup, mergePacks, type OpenPack, type PackGroup } from './merge-packs.ts';
import { replacePacks } from './replace-packs.ts';

const CHANGED = 'a pack of its group was deleted meanwhile';

/** The result of compacting a group of packs. */
export interface CompactedGroup {
  /** Packs that were deleted. */
  readonly replaced: readonly string[];
  /** The packs that replace them; none if all of their rows are in other packs. */
  readonly written: readonly string[];
  /** Packs that were not compacted, and why. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
}

export interface GroupDeps {
  readonly objects: ObjectStore;
  /** The indexes of the whole address. */
  readonly known: LoadedPacks;
  readonly prefix: string;
  readonly now: () => number;
  readonly random: () => number;
}

/**
 * Writes the contents of a group of packs as one pack, reads it back, and deletes the group. A kill at any point leaves every row in a pack: the old
 * packs are deleted once the new one exists, and rows that are in both count once.
 */
export async function compactSimulations(names: readonly string[], deps: GroupDeps): Promise<CompactedGroup> {
  const { objects, prefix, now, random } = deps;
  const left: { name: string; reason: string }[] = [];
  const groups: PackGroup[] = [];
  for (const name of names) {
    const opened = await openWhole(objects, `${prefix}${name}`, name);
    if (typeof opened === 'string') left.push({ name, reason: opened });
    else joinGroup(groups, opened);
  }
  const [replaced, written]: [string[], string[]] = [[], []];
  for (const { packs } of groups) {
    const replacedHere = packs.map(({ name }) => name);
    if (packs.length === 1) {
      left.push({ name: replacedHere[0]!, reason: 'no other pack has the same columns' });
      continue;
    }
    const contents = mergePacks(packs, await keptRows(packs, deps));
    const replacement = contents && { name: replacingName(replacedHere[0]!, now(), random), files: simulationFiles(contents) };
    if (!(await replacePacks(objects, prefix, replacedHere, replacement))) {
      left.push(...replacedHere.map((name) => ({ name, reason: CHANGED })));
      continue;
    }
    if (replacement !== undefined) written.push(replacement.name);
    replaced.push(...replacedHere);
  }
  return { replaced, written, left };
}

/** The same for aggregations, which consist of an index only. */
export async function compactAggregations(names: readonly string[], deps: GroupDeps): Promise<CompactedGroup> {
  const { objects, prefix, known, now, random } = deps;
  const rows = [];
  const [replaced, left]: [string[], { name: string; reason: string }[]] = [[], []];
  for (const name of names) {
    const index = await openWholeIndex(objects, `${prefix}${name}`);
    if (!isOpen(index)) {
      left.push({ name, reason: reasonOf(index) });
      continue;
    }
    replaced.push(name);
    for (const row of aggregationRows(index)) if (known.aggregations.packOf(row.aggregation_id) === name) rows.push(row);
  }
  if (replaced.length === 0) return { replaced, written: [], left };
  const replacement = rows.length === 0 ? undefined : { name: replacingName(replaced[0]!, now(), random), files: aggregationFiles(rows) };
  if (!(await replacePacks(objects, prefix, replaced, replacement)))
    return { replaced: [], written: [], left: [...left, ...replaced.map((name) => ({ name, reason: CHANGED }))] };
  return { replaced, written: replacement === undefined ? [] : [replacement.name], left };
}

/**
 * Keeps, of the rows of a task, the one that counts, or the latest failure if it has no result. If the row that counts is in a pack outside the group,
 * the others are dropped only if that pack's bytes are valid.
 */
async function keptRows(
  packs: readonly OpenPack[],
  { objects, known, prefix }: GroupDeps,
): Promise<(row: IndexRow, place: number) => boolean> {
  const group = new Set(packs.map(({ name }) => name));
  const invalid = new Set<string>();
  const checked = new Set<string>();
  const latest = new Map<TaskId, { readonly pack: string; readonly place: number; readonly at: number }>();
  for (const { name, index } of packs) {
    const [ids, statuses, started] = [index.list<TaskId>('task_id'), index.list<string>('status'), index.list<number>('started_at')];
    for (const [place, id] of ids.entries()) {
      const counts = known.tasks.find(id)?.pack;
      if (counts === undefined && statuses[place] === 'failed' && started[place]! >= (latest.get(id)?.at ?? 0))
        latest.set(id, { pack: name, place, at: started[place]! });
      if (counts === undefined || group.has(counts) || checked.has(counts)) continue;
      checked.add(counts);
      if (typeof (await openWhole(objects, `${prefix}${counts}`, counts)) === 'string') invalid.add(counts);
    }
  }
  return ({ task_id, pack, status }, place) => {
    const counts = known.tasks.find(task_id);
    if (status === 'failed') return latest.get(task_id)?.pack === pack && latest.get(task_id)!.place === place;
    return counts === undefined || invalid.has(counts.pack) || (counts.pack === pack && counts.row === place);
  };
}

/** Opens a pack with all its outputs, or returns why it cannot. */
export async function openWhole(objects: ObjectStore, folder: string, name: string): Promise<OpenPack | string> {
  const index = await openWholeIndex(objects, folder);
  if (!isOpen(index)) return reasonOf(index);
  const outputs = new Map<string, PackOutput>();
  for (const output of outputNames(index)) {
    const opened = await openOutput(objects, folder, output);
    if (!isOpen(opened)) return reasonOf(opened);
    outputs.set(output, opened);
  }
  return { name, index, outputs };
}

function reasonOf(opened: Opened<never>): string {
  if (isBad(opened)) return opened.bad;
  return opened === 'evicted' ? 'its outputs were evicted' : 'it was deleted';
}
