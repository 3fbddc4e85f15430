import type { PackAddress } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { type PackObjects, walkAddresses } from '../packs/catalogue/list-packs.ts';
import { createLoadedPacks, whyNotAdded } from '../packs/catalogue/loaded-packs.ts';
import { isOpen, openWholeIndex } from '../packs/index/open-index.ts';

/** The contents of the store for one entry point, or for one target. */
export interface AddressStats {
  readonly schema: string;
  readonly kind: PackAddress['kind'];
  /** The first 12 digits of the code's digest. */
  readonly code: string;
  /** As in the key: the entry point with `@` before its scenario, or the target's name. */
  readonly name: string;
  readonly packs: number;
  /** Packs whose outputs were deleted. */
  readonly evicted: number;
  readonly bytes: number;
  /** Distinct tasks with a result, or distinct aggregations. */
  readonly results: number;
  /** Rows, including duplicates and failures. */
  readonly rows: number;
}

/** Counts every address, from the listing and the indexes. Of a pack without a valid index, only the bytes are counted. */
export async function statsOf(objects: ObjectStore): Promise<AddressStats[]> {
  const stats: AddressStats[] = [];
  for await (const packs of walkAddresses(objects)) stats.push(await statsAt(objects, packs));
  return stats;
}

async function statsAt(objects: ObjectStore, packs: readonly [PackObjects, ...PackObjects[]]): Promise<AddressStats> {
  const [{ prefix, kind }] = packs;
  const known = createLoadedPacks();
  const count = { packs: 0, evicted: 0, bytes: 0, rows: 0 };
  for (const { folder, name, files, isEvicted } of packs) {
    for (const { size } of files) count.bytes += size;
    const index = await openWholeIndex(objects, folder);
    if (!isOpen(index) || whyNotAdded(known, name, index, kind) !== undefined) continue;
    count.packs++;
    if (isEvicted) count.evicted++;
    count.rows += index.rows;
  }
  const [, schema = '', , , code = '', name = ''] = prefix.split('/');
  const results = kind === 'sims' ? known.tasks.existing.size : known.aggregations.size;
  return { schema, kind, code, name: kind === 'aggs' ? name.replace(/^target_/, '') : name, ...count, results };
}
