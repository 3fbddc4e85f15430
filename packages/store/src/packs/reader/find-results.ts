import { type PackAddress, type ProvenanceSchema, parseAddress } from '@modelops/contracts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { type PackObjects, walkPacks } from '../catalogue/list-packs.ts';
import type { BadPack } from '../catalogue/quarantine.ts';
import { type IndexRow, indexRows } from '../index/index-rows.ts';
import { isBad, isOpen, openWholeIndex } from '../index/open-index.ts';
import { INDEX } from '../pack-name.ts';
import type { ParquetTable } from '../parquet/read-parquet.ts';

/** What to find: what task ids begin with, or the parts of a logical address, of which ids may be shortened too. */
export type ResultQuery =
  | { readonly taskId: string }
  | { readonly schema?: ProvenanceSchema; readonly code: string; readonly paramId: string; readonly seed: bigint };

/** A row of some pack, and the address that the pack stands under. */
export interface FoundResult extends IndexRow {
  readonly address: PackAddress;
}

export interface FoundResults {
  /** Every row that matches, in order of keys: duplicates and failures are among them. */
  readonly rows: readonly FoundResult[];
  /** Packs whose index cannot be read; they may hold the result. */
  readonly unreadable: readonly BadPack[];
}

/** Indexes read at once. */
const AT_ONCE = 16;
/** A search ends even while packs are replaced all the time. */
const MOST_SEARCHES = 5;

/**
 * Searches the indexes of every model that the query allows. Reads no outputs. A pack that is replaced during the listing may be missed under both
 * names: a search that finds nothing, or a deleted pack, is repeated until two searches saw the same packs.
 */
export async function findResults(objects: ObjectStore, query: ResultQuery): Promise<FoundResults> {
  let found = await searchOnce(objects, query);
  for (let searches = 1; (found.rows.length === 0 || found.hasGone) && searches < MOST_SEARCHES; searches++) {
    const { folders } = found;
    found = await searchOnce(objects, query);
    if (!found.hasGone && isSameSet(folders, found.folders)) break;
  }
  return { rows: found.rows, unreadable: found.unreadable };
}

export function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((name) => b.has(name));
}

interface Search extends FoundResults {
  /** The packs seen. */
  readonly folders: ReadonlySet<string>;
  /** Whether one of them was deleted before it was read. */
  readonly hasGone: boolean;
}

async function searchOnce(objects: ObjectStore, query: ResultQuery): Promise<Search> {
  const rows: FoundResult[] = [];
  const folders = new Set<string>();
  let hasGone = false;
  const unreadable: BadPack[] = [];
  const search = async (packs: readonly PackObjects[]): Promise<void> => {
    const indexes = await Promise.all(packs.map(({ folder }) => openWholeIndex(objects, folder)));
    for (const [at, index] of indexes.entries()) {
      const { folder, name, prefix } = packs[at]!;
      folders.add(folder);
      if (isBad(index)) unreadable.push({ pack: folder, reason: index.bad });
      if (index === 'gone') hasGone = true;
      if (!isOpen(index)) continue;
      const address = parseAddress(prefix);
      rows.push(...indexRows(index, name, placesOf(index, query)).map((row) => ({ ...row, address })));
    }
  };
  let waiting: PackObjects[] = [];
  for (const prefix of prefixesOf(query)) {
    for await (const pack of walkPacks(objects, prefix)) {
      if (pack.prefix.split('/')[3] !== 'sims' || !pack.files.some(({ key }) => key.endsWith(`/${INDEX}`))) continue;
      waiting.push(pack);
      if (waiting.length < AT_ONCE) continue;
      await search(waiting);
      waiting = [];
    }
  }
  await search(waiting);
  return { rows, unreadable, folders, hasGone };
}

function prefixesOf(query: ResultQuery): string[] {
  if ('taskId' in query) return ['provenance/'];
  const schemas: readonly ProvenanceSchema[] = query.schema === undefined ? ['bundle', 'token'] : [query.schema];
  return schemas.map((schema) => `provenance/${schema}/v1/sims/${query.code}`);
}

function placesOf(index: ParquetTable, query: ResultQuery): number[] {
  const places: number[] = [];
  if ('taskId' in query) {
    index.list<string>('task_id').forEach((id, at) => {
      if (id.startsWith(query.taskId)) places.push(at);
    });
    return places;
  }
  const seeds = index.list<bigint>('seed');
  index.list<string>('param_id').forEach((id, at) => {
    if (seeds[at] === query.seed && id.startsWith(query.paramId)) places.push(at);
  });
  return places;
}
