import { describe } from 'vitest';
import type { ObjectStore } from '../../objects/object-store.ts';
import { describeAggregations } from './describe-aggregations.ts';
import { describeAttribution } from './describe-attribution.ts';
import { describeBadPacks } from './describe-bad-packs.ts';
import { describeSimulations } from './describe-simulations.ts';
import { openPacks } from './packs.ts';

/** The contract of packs over any object store; an adapter's test calls it once. `open` returns a new, empty store each time. */
export function describeProvenanceStore(name: string, open: () => Promise<ObjectStore>): void {
  const openNew = async () => openPacks(await open());
  describe(`ProvenanceStore over ${name}`, () => {
    describeSimulations(openNew);
    describeBadPacks(openNew);
    describeAggregations(openNew);
    describeAttribution(openNew);
  });
}
