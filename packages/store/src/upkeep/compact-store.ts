import type { ObjectStore } from '../objects/object-store.ts';
import { type PackObjects, walkPacks } from '../packs/catalogue/list-packs.ts';
import { createLoadedPacks, type LoadedPacks, whyNotAdded } from '../packs/catalogue/loaded-packs.ts';
import { isBad, isOpen, openWholeIndex } from '../packs/index/open-index.ts';
import { EVICTED, timeInPackName } from '../packs/pack-name.ts';
import type { ParquetTable } from '../packs/parquet/read-parquet.ts';
import { isImported } from '../packs/rows.ts';
import { type CompactedGroup, compactAggregations, compactSimulations } from './compact-group.ts';
import { outputNames } from './merge-packs.ts';
import { type CompactablePack, type CompactionLimits, planCompaction } from './plan-compaction.ts';

export interface CompactionOptions extends CompactionLimits {
  /** Packs made later than this, milliseconds, are skipped: readers may not have found them yet. */
  readonly before: number;
  readonly isDryRun: boolean;
  readonly now: () => number;
  readonly random: () => number;
  /** Stops after the current group. */
  readonly signal?: AbortSignal;
  readonly onGroup?: (done: number, total: number) => void;
}

/** The result of compacting the packs of one address. */
export interface CompactedAddress {
  /** `provenance/token/v1/sims/<code12>/<entry>/` */
  readonly prefix: string;
  readonly packs: number;
  /** Packs that were replaced, or would be. */
  readonly replaced: number;
  readonly replaced_bytes: number;
  /** Packs that replace them. */
  readonly written: number;
  readonly left: CompactedGroup['left'];
}

/** Merges small packs into larger ones, one address at a time. Safe with concurrent readers and writers. */
export async function compactStore(objects: ObjectStore, options: CompactionOptions): Promise<CompactedAddress[]> {
  const addresses: CompactedAddress[] = [];
  let packs: PackObjects[] = [];
  const finish = async () => {
    if (packs.length > 0) addresses.push(await compactAddress(objects, packs, options));
    packs = [];
  };
  for await (const pack of walkPacks(objects)) {
    if (packs.length > 0 && packs[0]!.prefix !== pack.prefix) await finish();
    if (options.signal?.aborted) return addresses;
    packs.push(pack);
  }
  await finish();
  return addresses;
}

async function compactAddress(objects: ObjectStore, packs: readonly PackObjects[], options: CompactionOptions): Promise<CompactedAddress> {
  const { prefix } = packs[0]!;
  const isAggregation = prefix.split('/')[3] === 'aggs';
  const { known, candidates, left } = await readIndexes(objects, packs, isAggregation ? 'aggs' : 'sims', options.before);
  const groups = planCompaction(candidates, options);
  const bytesOf = new Map(candidates.map(({ name, bytes }) => [name, bytes]));
  const total = { replaced: [] as string[], written: 0 };
  const compact = isAggregation ? compactAggregations : compactSimulations;
  for (const [at, group] of groups.entries()) {
    if (options.signal?.aborted) break;
    const done = options.isDryRun
      ? { replaced: group, written: [''], left: [] }
      : await compact(group, { objects, known, prefix, now: options.now, random: options.random });
    total.replaced.push(...done.replaced);
    total.written += done.written.length;
    left.push(...done.left);
    options.onGroup?.(at + 1, groups.length);
  }
  return {
    prefix,
    packs: packs.length,
    replaced: total.replaced.length,
    replaced_bytes: total.replaced.reduce((sum, name) => sum + bytesOf.get(name)!, 0),
    written: total.written,
    left,
  };
}

interface Candidates {
  readonly known: LoadedPacks;
  readonly candidates: CompactablePack[];
  readonly left: { readonly name: string; readonly reason: string }[];
}

async function readIndexes(
  objects: ObjectStore,
  packs: readonly PackObjects[],
  kind: 'sims' | 'aggs',
  before: number,
): Promise<Candidates> {
  const known = createLoadedPacks();
  const candidates: CompactablePack[] = [];
  const left: { name: string; reason: string }[] = [];
  for (const { folder, name, files } of packs) {
    const index = await openWholeIndex(objects, folder);
    if (isBad(index)) left.push({ name, reason: index.bad });
    if (!isOpen(index)) continue;
    const isEvicted = files.some(({ key }) => key.endsWith(`/${EVICTED}`));
    if (isEvicted) known.evicted.add(name);
    const reason = whyNotAdded(known, name, index, kind);
    if (reason !== undefined) {
      left.push({ name, reason });
      continue;
    }
    const made = timeInPackName(name);
    if (isEvicted) left.push({ name, reason: 'its outputs were evicted' });
    else if (made !== undefined && made < before)
      candidates.push({
        name,
        bytes: files.reduce((sum, { size }) => sum + size, 0),
        rows: index.rows,
        // Imported results are never evicted: in a pack of computed ones, they would keep those too.
        form: `${isImportedPack(index, kind) ? 'imported:' : ''}${outputNames(index).sort().join(',')}`,
      });
  }
  return { known, candidates, left };
}

function isImportedPack(index: ParquetTable, kind: 'sims' | 'aggs'): boolean {
  return kind === 'sims' && index.list<string>('worker').some(isImported);
}
