import { type PackAddress, type ProvenanceSchema, parseAddress } from '@modelops/contracts';
import { iterateConcurrently } from '@modelops/system';
import type { ObjectStore } from '../../objects/object-store.ts';
import { type PackObjects, walkPacks } from '../catalogue/list-packs.ts';
import type { BadPack } from '../catalogue/removal.ts';
import { type IndexRow, indexRows } from '../index/index-rows.ts';
import { isBad, isOpen, openWholeIndex } from '../index/open-index.ts';
import type { ParquetTable } from '../parquet/read-parquet.ts';

/** The beginning of a task id, or the parts of a logical address, whose ids may be shortened too. */
export type ResultQuery =
  | { readonly taskId: string }
  | { readonly schema?: ProvenanceSchema; readonly code: string; readonly paramId: string; readonly seed: bigint };

/** A row of a pack, and the address of the pack. */
export interface FoundResult extends IndexRow {
  readonly address: PackAddress;
}

export interface FoundResults {
  /** All matching rows, in order of keys, including duplicates and failures. */
  readonly rows: readonly FoundResult[];
  /** Packs whose index cannot be read; they may contain the result. */
  readonly unreadable: readonly BadPack[];
}

/** Maximum number of indexes read at once. */
const CONCURRENCY = 16;
/** Maximum number of searches while packs are replaced repeatedly. */
const MAX_SEARCHES = 5;

/**
 * Searches the indexes of every model that the query allows. Reads no outputs. A pack that is replaced during the listing may be missed under both
 * names: a search that finds nothing, or a deleted pack, is repeated until two searches find the same packs.
 */
export async function findResults(objects: ObjectStore, query: ResultQuery): Promise<FoundResults> {
  const search = () => searchPacks(objects, prefixesOf(query), (index) => placesOf(index, query));
  let found = await search();
  for (let searches = 1; (found.rows.length === 0 || found.hasGone) && searches < MAX_SEARCHES; searches++) {
    const { folders } = found;
    found = await search();
    if (!found.hasGone && isSameSet(folders, found.folders)) break;
  }
  return { rows: found.rows, unreadable: found.unreadable };
}

export function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((name) => b.has(name));
}

/** A search of all packs under some prefixes. */
interface Search extends FoundResults {
  /** The packs seen. */
  readonly folders: ReadonlySet<string>;
  /** Whether one of them was deleted before it was read. */
  readonly hasGone: boolean;
}

/** The rows at the places that `placesOf` returns, of every pack of simulations under the prefixes. */
export async function searchPacks(
  objects: ObjectStore,
  prefixes: readonly string[],
  placesOf: (index: ParquetTable) => readonly number[],
): Promise<Search> {
  const rows: FoundResult[] = [];
  const folders = new Set<string>();
  let hasGone = false;
  const unreadable: BadPack[] = [];
  const open = async (pack: PackObjects) => ({ pack, index: await openWholeIndex(objects, pack.folder) });
  for await (const { pack, index } of iterateConcurrently(packsIn(objects, prefixes), CONCURRENCY, open)) {
    folders.add(pack.folder);
    if (isBad(index)) unreadable.push({ pack: pack.folder, reason: index.bad });
    if (index === 'gone') hasGone = true;
    if (!isOpen(index)) continue;
    const address = parseAddress(pack.prefix);
    for (const row of indexRows(index, pack.name, placesOf(index))) rows.push({ ...row, address });
  }
  return { rows, unreadable, folders, hasGone };
}

async function* packsIn(objects: ObjectStore, prefixes: readonly string[]): AsyncIterable<PackObjects> {
  for (const prefix of prefixes) for await (const pack of walkPacks(objects, prefix)) if (pack.kind === 'sims' && pack.hasIndex) yield pack;
}

function prefixesOf(query: ResultQuery): string[] {
  if ('taskId' in query) return ['provenance/'];
  const schemas: readonly ProvenanceSchema[] = query.schema === undefined ? ['bundle', 'token'] : [query.schema];
  return schemas.map((schema) => `provenance/${schema}/v1/sims/${query.code}`);
}

function placesOf(index: ParquetTable, query: ResultQuery): number[] {
  if ('taskId' in query) return index.list<string>('task_id').flatMap((id, at) => (id.startsWith(query.taskId) ? [at] : []));
  const seeds = index.list<bigint>('seed');
  return index.list<string>('param_id').flatMap((id, at) => (seeds[at] === query.seed && id.startsWith(query.paramId) ? [at] : []));
}
