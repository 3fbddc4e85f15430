import { type AggregationId, isModelOpsError, type PackAddress } from '@modelops/contracts';
import { namedFiles } from '../index/open-index.ts';
import { createTaskPlaces, type TaskPlaces } from '../index/task-places.ts';
import type { ParquetTable } from '../parquet/read-parquet.ts';
import type { AggregationRow } from '../rows.ts';

/** The packs of an address and the rows of their indexes. Packs are only added; the object is discarded as a whole. */
export interface LoadedPacks {
  /** When the last listing began, milliseconds; undefined before the first. */
  listedAt: number | undefined;
  /** By the pack's name: the files that its index names. */
  readonly files: Map<string, readonly string[]>;
  /** Packs whose outputs were deleted. */
  readonly evicted: Set<string>;
  readonly tasks: TaskPlaces;
  /** Packs with failed rows. */
  readonly failing: Set<string>;
  readonly aggregations: Map<AggregationId, AggregationRow>;
  /** The pack whose row counts. */
  readonly packOfAggregation: ReadonlyMap<AggregationId, string>;
  /** Of duplicates a row with a loss takes precedence, then that of the lowest pack name. */
  addAggregations(pack: string, rows: readonly AggregationRow[]): void;
}

export function createLoadedPacks(): LoadedPacks {
  const aggregations = new Map<AggregationId, AggregationRow>();
  const packOf = new Map<AggregationId, string>();
  const evicted = new Set<string>();
  return {
    listedAt: undefined,
    files: new Map(),
    evicted,
    tasks: createTaskPlaces(evicted),
    failing: new Set(),
    aggregations,
    packOfAggregation: packOf,
    addAggregations(pack, rows) {
      for (const row of rows) {
        const held = aggregations.get(row.aggregation_id);
        if (held !== undefined && !takesPrecedence(row, pack, held, packOf.get(row.aggregation_id)!)) continue;
        packOf.set(row.aggregation_id, pack);
        aggregations.set(row.aggregation_id, row);
      }
    },
  };
}

function takesPrecedence(row: AggregationRow, pack: string, held: AggregationRow, heldPack: string): boolean {
  return (row.loss === null) === (held.loss === null) ? pack < heldPack : row.loss !== null;
}

/** Adds the index of a pack. @throws STORE_CORRUPT, with nothing added, when its columns are not those of an index. */
export function addIndex(known: LoadedPacks, name: string, index: ParquetTable, kind: PackAddress['kind']): void {
  if (kind === 'aggs') known.addAggregations(name, aggregationRows(index));
  else if (known.tasks.addIndex(name, index)) known.failing.add(name);
  known.files.set(name, namedFiles(index));
}

/** Adds an index; returns the reason if it cannot be added. */
export function whyNotAdded(known: LoadedPacks, name: string, index: ParquetTable, kind: PackAddress['kind']): string | undefined {
  try {
    addIndex(known, name, index, kind);
    return undefined;
  } catch (error) {
    if (!isModelOpsError(error)) throw error;
    return `cannot read its index: ${error.message}`;
  }
}

/** The rows of an index of aggregations. @throws STORE_CORRUPT */
export function aggregationRows(index: ParquetTable): AggregationRow[] {
  const names = index.names as (keyof AggregationRow)[];
  const columns = names.map((name) => index.list<unknown>(name));
  return Array.from({ length: index.rows }, (_, at) => {
    const row: Partial<Record<keyof AggregationRow, unknown>> = {};
    for (let column = 0; column < names.length; column++) row[names[column]!] = columns[column]![at];
    return row as AggregationRow;
  });
}
