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
export { cachingIndexes } from './packs/caching-indexes.ts';
export { type FoundResult, type FoundResults, findResults, type ResultQuery } from './packs/find-results.ts';
export { importedFrom, importingWorker } from './packs/imported.ts';
export type { IndexRow, OutputEntry } from './packs/index-rows.ts';
export type { BadPack } from './packs/pack-files.ts';
export { packName, timeOfPack } from './packs/pack-name.ts';
export { readPackTasks } from './packs/pack-tasks.ts';
export { type CodedColumn, type ParquetColumn, parquetColumn } from './packs/parquet/columns.ts';
export { type ParquetTable, readParquet } from './packs/parquet/read-parquet.ts';
export { writeParquet } from './packs/parquet/write-parquet.ts';
export { type PastRuns, type PastSet, readPastRuns } from './packs/past-runs.ts';
export { createProvenanceStore, type ProvenanceOptions, type ProvenanceStore } from './packs/provenance-store.ts';
export type { AggregationRow, FailedRow, OutputTable, SimulationPack, SimulationRow } from './packs/rows.ts';
export { TaskIdSet } from './packs/task-id-set.ts';
export { jobTime, newJobId } from './records/job-id.ts';
export { createJobRegistry, type JobFilter, type JobRegistry, type Submission } from './records/job-registry.ts';
export { createVersionedStore, type VersionedStore } from './records/versioned-store.ts';
export { quarantineBadPacks } from './upkeep/check-address.ts';
export type { StoreProblem } from './upkeep/check-pack.ts';
export { checkStore, type StoreCheck, setAsideBadPacks } from './upkeep/check-store.ts';
export { collectGarbage } from './upkeep/collect-garbage.ts';
export { type CompactedAddress, compactStore } from './upkeep/compact-store.ts';
export { DEFAULT_LIMITS } from './upkeep/plan-compaction.ts';
export { type Garbage, type GarbagePlan, planGarbage } from './upkeep/plan-garbage.ts';
export { type RemovedResult, removeResult } from './upkeep/remove-result.ts';
export { type AddressStats, statsOf } from './upkeep/store-stats.ts';
