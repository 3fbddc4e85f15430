import { digestOf, packPrefix } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../../objects/memory-object-store.ts';
import { INDEX } from '../pack-name.ts';
import { createProvenanceStore } from '../provenance-store.ts';
import { ADDRESS, corrupt, failed, fileOf, keysUnder, nameAt, packOf, row } from '../testing/packs.ts';
import { readPastRuns } from './past-runs.ts';

const earlier = { ...ADDRESS, code: digestOf('an earlier version') };
const oldest = { ...ADDRESS, code: digestOf('the first version') };

async function storeWith(...packs: { at?: typeof ADDRESS; name: string; durations: readonly number[] }[]) {
  const objects = createMemoryObjectStore();
  for (const { at = ADDRESS, name, durations } of packs) {
    const tasks = durations.map((_, task) => task);
    const rows = durations.map((duration_ms, task) => row(task, { duration_ms }));
    await createProvenanceStore(objects).writeSimulations(at, packOf(name, [...rows, failed(99)], [...tasks, 99]));
  }
  return objects;
}

describe('past runs', () => {
  it('are the durations of successful simulations by parameter set, and the bytes per task', async () => {
    const objects = await storeWith({ name: nameAt(2), durations: [1, 2, 3] }, { name: nameAt(1), durations: [5, 6] });
    const runs = await readPastRuns(objects, ADDRESS);
    expect(runs).toMatchObject({ tasks: 5, isOtherCode: false });
    expect(runs!.sets).toEqual([
      { params: '{"beta":0.0}', tasks: 3, total_ms: 9 },
      { params: '{"beta":0.1}', tasks: 2, total_ms: 8 },
    ]);
    let bytes = 0;
    for await (const { size } of objects.list('provenance/')) bytes += size;
    expect(runs!.bytesPerTask).toBeCloseTo(bytes / 7);
  });

  it('of the last version of the entry point that ran are used if this version has none', async () => {
    const packs = [
      { at: oldest, name: nameAt(9), durations: [1] },
      { at: earlier, name: nameAt(3), durations: [7, 7] },
      { at: { ...earlier, name: 'models.other.M/baseline' }, name: nameAt(1), durations: [100] },
    ];
    expect(await readPastRuns(await storeWith(...packs), ADDRESS)).toMatchObject({ tasks: 2, isOtherCode: true });
    const own = await storeWith(...packs, { name: nameAt(12), durations: [4] });
    expect(await readPastRuns(own, ADDRESS)).toMatchObject({ tasks: 1, isOtherCode: false });
  });

  it('are undefined if nothing succeeded', async () => {
    expect(await readPastRuns(createMemoryObjectStore(), ADDRESS)).toBeUndefined();
    expect(await readPastRuns(await storeWith({ name: nameAt(1), durations: [] }), ADDRESS)).toBeUndefined();
  });

  it('skip an unreadable index, and do not move it', async () => {
    const objects = await storeWith({ name: nameAt(2), durations: [1] }, { name: nameAt(1), durations: [5, 6] });
    await corrupt(objects, fileOf(nameAt(1), INDEX));
    expect(await readPastRuns(objects, ADDRESS)).toMatchObject({ tasks: 1 });
    expect(await keysUnder(objects, packPrefix(ADDRESS))).toContain(fileOf(nameAt(1), INDEX));
  });
});
