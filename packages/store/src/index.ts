// Objects, versioned records, jobs and packs: the state that outlives a process.
// Never runs a model, prints, or decides where the store is.

export * from './objects/caching.ts';
export * from './objects/get-bounded.ts';
export * from './objects/memory-object-store.ts';
export * from './objects/object-store.ts';
export * from './objects/open-object-store.ts';
export * from './objects/retrying.ts';
export * from './objects/trim-folder.ts';
export * from './packs/attribution.ts';
export * from './packs/catalogue/cached-indexes.ts';
export * from './packs/catalogue/quarantine.ts';
export * from './packs/index/index-rows.ts';
export * from './packs/index/open-index.ts';
export * from './packs/index/task-id-set.ts';
export * from './packs/pack-name.ts';
export * from './packs/parquet/columns.ts';
export * from './packs/parquet/read-parquet.ts';
export * from './packs/parquet/write-parquet.ts';
export * from './packs/provenance-store.ts';
export * from './packs/reader/find-results.ts';
export * from './packs/reader/past-runs.ts';
export * from './packs/rows.ts';
export * from './records/job-id.ts';
export * from './records/job-registry.ts';
export * from './records/versioned-store.ts';
export * from './upkeep/check-address.ts';
export * from './upkeep/check-pack.ts';
export * from './upkeep/check-store.ts';
export * from './upkeep/collect-garbage.ts';
export * from './upkeep/compact-store.ts';
export * from './upkeep/plan-compaction.ts';
export * from './upkeep/plan-garbage.ts';
export * from './upkeep/remove-result.ts';
export * from './upkeep/store-stats.ts';
