// Objects, versioned records, jobs and packs: the state that outlives a process.
// Never runs a model, prints, or decides where the store is.

export { type CacheOptions, caching } from './objects/caching.ts';
export { getBounded, MOST_BYTES } from './objects/get-bounded.ts';
export { createMemoryObjectStore } from './objects/memory-object-store.ts';
export * from './objects/object-store.ts';
export { openObjectStore } from './objects/open-object-store.ts';
export { type RetryOptions, retrying } from './objects/retrying.ts';
export { trimFolder } from './objects/trim-folder.ts';
export { type AttributionRow, attributionOf, type ResultSource, readAttribution, writeAttribution } from './packs/attribution.ts';
export { cachedIndexes } from './packs/catalogue/cached-indexes.ts';
export type { BadPack } from './packs/catalogue/quarantine.ts';
export type { IndexRow, OutputEntry } from './packs/index/index-rows.ts';
export { readPackTasks } from './packs/index/open-index.ts';
export { TaskIdSet } from './packs/index/task-id-set.ts';
export { packName, timeOfPack } from './packs/pack-name.ts';
export { type CodedColumn, type ParquetColumn, parquetColumn } from './packs/parquet/columns.ts';
export { type ParquetTable, readParquet } from './packs/parquet/read-parquet.ts';
export { writeParquet } from './packs/parquet/write-parquet.ts';
export { createProvenanceStore, type ProvenanceOptions, type ProvenanceStore } from './packs/provenance-store.ts';
export { type FoundResult, type FoundResults, findResults, type ResultQuery } from './packs/reader/find-results.ts';
export { type PastRuns, type PastSet, readPastRuns } from './packs/reader/past-runs.ts';
export {
  type AggregationRow,
  type FailedRow,
  importedFrom,
  importingWorker,
  type OutputTable,
  type SimulationPack,
  type SimulationRow,
} from './packs/rows.ts';
export { jobTime, newJobId } from './records/job-id.ts';
export { createJobRegistry, type JobFilter, type JobRegistry, type Submission } from './records/job-registry.ts';
export { createVersionedStore, type VersionedStore } from './records/versioned-store.ts';
export { quarantineBadPacks } from './upkeep/check-address.ts';
export type { StoreProblem } from './upkeep/check-pack.ts';
export { checkStore, quarantinePacks, type StoreCheck } from './upkeep/check-store.ts';
export { collectGarbage } from './upkeep/collect-garbage.ts';
export { type CompactedAddress, compactStore } from './upkeep/compact-store.ts';
export { DEFAULT_LIMITS } from './upkeep/plan-compaction.ts';
export { type Garbage, type GarbagePlan, planGarbage } from './upkeep/plan-garbage.ts';
export { type RemovedResult, removeResult } from './upkeep/remove-result.ts';
export { type AddressStats, statsOf } from './upkeep/store-stats.ts';
