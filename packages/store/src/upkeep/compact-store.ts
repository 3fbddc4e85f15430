import type { ObjectStore } from '../objects/object-store.ts';
import { type PackObjects, walkAddresses } from '../packs/catalogue/list-packs.ts';
import { createLoadedPacks, type LoadedPacks, whyNotAdded } from '../packs/catalogue/loaded-packs.ts';
import { isBad, isOpen, openWholeIndex, outputNames } from '../packs/index/open-index.ts';
import { timeInPackName } from '../packs/pack-name.ts';
import { type CompactedGroup, compactAggregations, compactSimulations } from './compact-group.ts';
import { type CompactablePack, type CompactionLimits, planCompaction } from './plan-compaction.ts';
import { hasImported } from './plan-garbage.ts';

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
  for await (const packs of walkAddresses(objects)) {
    if (options.signal?.aborted) break;
    addresses.push(await compactAddress(objects, packs, options));
  }
  return addresses;
}

async function compactAddress(
  objects: ObjectStore,
  packs: readonly [PackObjects, ...PackObjects[]],
  options: CompactionOptions,
): Promise<CompactedAddress> {
  const [{ prefix, kind }] = packs;
  const { known, candidates, left } = await readIndexes(objects, packs, options.before);
  const groups = planCompaction(candidates, options);
  const bytesOf = new Map(candidates.map(({ name, bytes }) => [name, bytes]));
  const total = { replaced: [] as string[], written: 0 };
  const compact = kind === 'aggs' ? compactAggregations : compactSimulations;
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

async function readIndexes(objects: ObjectStore, packs: readonly PackObjects[], before: number): Promise<Candidates> {
  const known = createLoadedPacks();
  const candidates: CompactablePack[] = [];
  const left: { name: string; reason: string }[] = [];
  for (const { folder, name, kind, files, isEvicted } of packs) {
    const index = await openWholeIndex(objects, folder);
    if (isBad(index)) left.push({ name, reason: index.bad });
    if (!isOpen(index)) continue;
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
        form: `${kind === 'sims' && hasImported(index) ? 'imported:' : ''}${outputNames(index).sort().join(',')}`,
      });
  }
  return { known, candidates, left };
}
