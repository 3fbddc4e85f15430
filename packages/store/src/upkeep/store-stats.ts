import type { PackAddress } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { walkPacks } from '../packs/catalogue/list-packs.ts';
import { createLoadedPacks, type LoadedPacks, whyNotAdded } from '../packs/catalogue/loaded-packs.ts';
import { isOpen, openWholeIndex } from '../packs/index/open-index.ts';
import { EVICTED } from '../packs/pack-name.ts';

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

interface Counted {
  packs: number;
  evicted: number;
  bytes: number;
  rows: number;
  readonly known: LoadedPacks;
}

/** Counts every address, from the listing and the indexes. Of a pack without a valid index, only the bytes are counted. */
export async function statsOf(objects: ObjectStore): Promise<AddressStats[]> {
  const stats: AddressStats[] = [];
  let at: { prefix: string; counted: Counted } | undefined;
  const finish = () => {
    if (at !== undefined) stats.push(statsAt(at.prefix, at.counted));
  };
  for await (const { folder, name, prefix, files } of walkPacks(objects)) {
    if (at?.prefix !== prefix) {
      finish();
      at = { prefix, counted: { packs: 0, evicted: 0, bytes: 0, rows: 0, known: createLoadedPacks() } };
    }
    for (const { size } of files) at.counted.bytes += size;
    const index = await openWholeIndex(objects, folder);
    if (!isOpen(index) || whyNotAdded(at.counted.known, name, index, kindOf(prefix)) !== undefined) continue;
    at.counted.packs++;
    if (files.some(({ key }) => key.endsWith(`/${EVICTED}`))) at.counted.evicted++;
    at.counted.rows += index.rows;
  }
  finish();
  return stats;
}

function kindOf(prefix: string): PackAddress['kind'] {
  return prefix.split('/')[3] === 'aggs' ? 'aggs' : 'sims';
}

function statsAt(prefix: string, { known, ...counts }: Counted): AddressStats {
  const [, schema = '', , , code = '', name = ''] = prefix.split('/');
  const kind = kindOf(prefix);
  const results = kind === 'sims' ? known.tasks.existing.size : known.aggregations.size;
  return { schema, kind, code, name: kind === 'aggs' ? name.replace(/^target_/, '') : name, ...counts, results };
}
