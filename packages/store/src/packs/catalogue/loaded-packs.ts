import { isModelOpsError, type PackAddress } from '@modelops/contracts';
import { createAggregations, type GrowingAggregations } from '../index/aggregation-rows.ts';
import { namedFiles } from '../index/open-index.ts';
import { createTaskPlaces, type TaskPlaces } from '../index/task-places.ts';
import type { ParquetTable } from '../parquet/read-parquet.ts';

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
  readonly aggregations: GrowingAggregations;
}

export function createLoadedPacks(): LoadedPacks {
  const evicted = new Set<string>();
  return {
    listedAt: undefined,
    files: new Map(),
    evicted,
    tasks: createTaskPlaces(evicted),
    failing: new Set(),
    aggregations: createAggregations(),
  };
}

/** Adds the index of a pack; returns the reason, with nothing added, if its columns are not those of an index. */
export function whyNotAdded(known: LoadedPacks, name: string, index: ParquetTable, kind: PackAddress['kind']): string | undefined {
  try {
    if (kind === 'aggs') known.aggregations.addIndex(name, index);
    else if (known.tasks.addIndex(name, index)) known.failing.add(name);
    known.files.set(name, namedFiles(index));
    return undefined;
  } catch (error) {
    if (!isModelOpsError(error)) throw error;
    return `cannot read its index: ${error.message}`;
  }
}
