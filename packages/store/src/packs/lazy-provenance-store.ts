import type { ObjectStore } from '../objects/object-store.ts';
import type { ProvenanceOptions } from './catalogue/pack-catalogue.ts';
import type { ProvenanceStore } from './provenance-store.ts';

/** A provenance store whose code, with that of Parquet, is loaded at its first use: most commands about jobs read no pack. */
export function lazyProvenanceStore(objects: ObjectStore, options: ProvenanceOptions = {}): ProvenanceStore {
  let opened: ProvenanceStore | undefined;
  let opening: Promise<ProvenanceStore> | undefined;
  const open = () => {
    opening ??= import('./provenance-store.ts').then(({ createProvenanceStore }) => {
      opened = createProvenanceStore(objects, options);
      return opened;
    });
    return opening;
  };
  return {
    writeSimulations: async (...args) => (await open()).writeSimulations(...args),
    writeAggregations: async (...args) => (await open()).writeAggregations(...args),
    existing: async (...args) => (await open()).existing(...args),
    rows: async (...args) => (await open()).rows(...args),
    isEvicted: (...args) => opened?.isEvicted(...args) ?? false, // nothing is listed before the first use
    failures: async (...args) => (await open()).failures(...args),
    readOutput: async (...args) => (await open()).readOutput(...args),
    aggregations: async (...args) => (await open()).aggregations(...args),
    packs: async (...args) => (await open()).packs(...args),
  };
}
