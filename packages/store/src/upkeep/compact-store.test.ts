import { describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { createProvenanceStore } from '../packs/provenance-store.ts';
import {
  ADDRESS,
  corrupt,
  failed,
  fileOf,
  HOUR,
  idOf,
  infectedOf,
  keysUnder,
  NOW,
  nameAt,
  okPack,
  packOf,
  row,
} from '../packs/testing/packs.ts';
import { checkStore } from './check-store.ts';
import { compactStore } from './compact-store.ts';
import { DEFAULT_LIMITS } from './plan-compaction.ts';
import { statsOf } from './store-stats.ts';
import { dyingAfter } from './testing/dying-store.ts';

const options = { ...DEFAULT_LIMITS, before: NOW + HOUR, isDryRun: false, now: () => NOW, random: Math.random };

/** Packs of two tasks each, an hour apart, the oldest first. */
async function storeOf(count: number): Promise<ObjectStore> {
  const objects = createMemoryObjectStore();
  const store = createProvenanceStore(objects);
  for (let at = 0; at < count; at++) await store.writeSimulations(ADDRESS, okPack(nameAt(count - at), [2 * at, 2 * at + 1]));
  return objects;
}

const tasksOf = (count: number) => Array.from({ length: count }, (_, at) => at);
const packsOf = async (objects: ObjectStore) => (await createProvenanceStore(objects).packs(ADDRESS)).length;

/** Every task of `count` is read, from one row each. */
async function expectWhole(objects: ObjectStore, count: number): Promise<void> {
  const store = createProvenanceStore(objects);
  expect((await store.existing(ADDRESS)).size).toBe(count);
  expect(await infectedOf(store, tasksOf(count))).toEqual({ infected: tasksOf(count), missing: [] });
}

describe('compactStore', () => {
  it('merges many packs into one with the same values, rows and origins', async () => {
    const objects = await storeOf(8);
    const before = await createProvenanceStore(objects).readOutput(ADDRESS, tasksOf(16).map(idOf), 'prevalence');
    expect(await compactStore(objects, options)).toMatchObject([{ packs: 8, replaced: 8, written: 1, left: [] }]);
    expect(await createProvenanceStore(objects).readOutput(ADDRESS, tasksOf(16).map(idOf), 'prevalence')).toEqual(before);
    expect(await packsOf(objects)).toBe(1);
    expect((await checkStore(objects)).problems).toEqual([]);
    expect(await statsOf(objects)).toMatchObject([{ packs: 1, results: 16, rows: 16 }]);
  });

  it('merges packs with more results than a function has arguments', async () => {
    const objects = createMemoryObjectStore();
    const store = createProvenanceStore(objects);
    const half = 75_000;
    for (const start of [0, half])
      await store.writeSimulations(ADDRESS, {
        ...packOf(nameAt(3 - start / half), [], []),
        simulations: tasksOf(half).map((at) => row(start + at)),
        outputs: {},
      });
    expect(await compactStore(objects, options)).toMatchObject([{ packs: 2, replaced: 2, written: 1, left: [] }]);
    expect((await createProvenanceStore(objects).existing(ADDRESS)).size).toBe(2 * half);
  });

  it('has nothing to do the second time, and writes nothing in a dry run', async () => {
    const objects = await storeOf(3);
    const before = await keysUnder(objects, '');
    expect(await compactStore(objects, { ...options, isDryRun: true })).toMatchObject([{ replaced: 3, written: 1 }]);
    expect(await keysUnder(objects, '')).toEqual(before);
    await compactStore(objects, options);
    expect(await compactStore(objects, options)).toMatchObject([{ packs: 1, replaced: 0, written: 0 }]);
  });

  it('skips new packs and large packs', async () => {
    const objects = await storeOf(4);
    expect(await compactStore(objects, { ...options, before: NOW - 2.5 * HOUR })).toMatchObject([{ replaced: 2 }]);
    await expectWhole(objects, 8);
    expect(await compactStore(objects, { ...options, targetBytes: 1000 })).toMatchObject([{ replaced: 0 }]);
  });

  it('keeps, of duplicates, the row that counts, and it still counts', async () => {
    const objects = createMemoryObjectStore();
    const store = createProvenanceStore(objects);
    await store.writeSimulations(ADDRESS, okPack(nameAt(4), [0, 1], 1000));
    const many = tasksOf(300).map((at) => at + 1);
    await store.writeSimulations(ADDRESS, okPack(nameAt(3), many, 2000)); // too large to be compacted
    await store.writeSimulations(ADDRESS, okPack(nameAt(2), [1, 2, 500], 3000));
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0, 501], 4000));
    expect(await compactStore(objects, { ...options, maxRows: 20 })).toMatchObject([{ packs: 4, replaced: 3, written: 1 }]);
    expect(await infectedOf(createProvenanceStore(objects), [0, 1, 2, 500, 501])).toEqual({
      infected: [1000, 1001, 2002, 3500, 4501],
      missing: [],
    });
    expect(await statsOf(objects)).toMatchObject([{ packs: 2, results: 303, rows: 304 }]);
  });

  it('keeps a duplicate if the row that counts is in a bad pack', async () => {
    const objects = createMemoryObjectStore();
    const store = createProvenanceStore(objects);
    await store.writeSimulations(ADDRESS, okPack(nameAt(4), tasksOf(30), 1000));
    for (const hours of [3, 2]) await store.writeSimulations(ADDRESS, okPack(nameAt(hours), [hours], 2000));
    await corrupt(objects, fileOf(nameAt(4), 'prevalence.parquet'));
    await compactStore(objects, { ...options, maxRows: 20 });
    expect(await infectedOf(createProvenanceStore(objects), [2, 3])).toEqual({ infected: [2002, 2003], missing: [] });
  });

  it('deletes packs whose rows all count in other packs', async () => {
    const objects = createMemoryObjectStore();
    const store = createProvenanceStore(objects);
    await store.writeSimulations(ADDRESS, okPack(nameAt(4), tasksOf(30)));
    for (const hours of [3, 2]) await store.writeSimulations(ADDRESS, okPack(nameAt(hours), [hours]));
    expect(await compactStore(objects, { ...options, maxRows: 20 })).toMatchObject([{ replaced: 2, written: 0 }]);
    expect(await packsOf(objects)).toBe(1);
    await expectWhole(objects, 30);
  });

  it('keeps the latest failure of each task without a result', async () => {
    const objects = createMemoryObjectStore();
    const store = createProvenanceStore(objects);
    await store.writeSimulations(ADDRESS, packOf(nameAt(3), [row(0), failed(1, '"first"'), failed(2)], [0, 1, 2]));
    await store.writeSimulations(ADDRESS, packOf(nameAt(2), [{ ...failed(1, '"second"'), started_at: NOW + 1 }], [1]));
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [2]));
    const before = await store.failures(ADDRESS);
    await compactStore(objects, options);
    const after = await createProvenanceStore(objects).failures(ADDRESS);
    expect(after.map(({ pack: _, ...rest }) => rest)).toEqual(before.map(({ pack: _, ...rest }) => rest));
    expect(await statsOf(objects)).toMatchObject([{ packs: 1, results: 2, rows: 3 }]);
  });

  it('skips bad packs, and does not merge packs with other columns', async () => {
    const objects = await storeOf(4);
    await corrupt(objects, fileOf(nameAt(2), 'prevalence.parquet'));
    const other = okPack(nameAt(1, 0.9), [20]);
    await createProvenanceStore(objects).writeSimulations(ADDRESS, {
      ...other,
      outputs: { prevalence: { ...other.outputs.prevalence!, columns: other.outputs.prevalence!.columns.slice(1) } },
    });
    expect(await compactStore(objects, options)).toMatchObject([
      {
        replaced: 3,
        written: 1,
        left: [{ name: nameAt(2), reason: expect.stringContaining('its index has') }, { name: nameAt(1, 0.9) }],
      },
    ]);
    expect((await createProvenanceStore(objects).existing(ADDRESS)).size).toBe(9);
  });
});

describe('a reader while packs are compacted', () => {
  it('reads from the new pack if it knows the old ones', async () => {
    const objects = await storeOf(4);
    const reader = createProvenanceStore(objects, { now: () => NOW });
    await reader.existing(ADDRESS);
    await compactStore(objects, options);
    expect((await reader.existing(ADDRESS)).size).toBe(8);
    expect(await infectedOf(reader, tasksOf(8))).toEqual({ infected: tasksOf(8), missing: [] });
  });

  it('finds the new pack if the listed ones are deleted before it reads them', async () => {
    const objects = await storeOf(4);
    let isListed = false;
    const listing: ObjectStore = {
      ...objects,
      async *list(prefix, listOptions) {
        const keys = [];
        for await (const info of objects.list(prefix, listOptions)) keys.push(info);
        if (!isListed) {
          isListed = true;
          await compactStore(objects, options);
        }
        yield* keys;
      },
    };
    await expectWhole(listing, 8);
    expect(isListed).toBe(true);
  });

  it('is correct with a cache that still has the old index', async () => {
    const objects = await storeOf(4);
    const kept = new Map<string, NonNullable<Awaited<ReturnType<ObjectStore['get']>>>>();
    const cached: ObjectStore = {
      ...objects,
      async get(key, range) {
        const held = kept.get(key) ?? (await objects.get(key, range));
        if (held !== undefined && key.endsWith('/_index.parquet')) kept.set(key, held);
        return held;
      },
      head: async (key) => (kept.has(key) ? { size: kept.get(key)!.bytes.length, etag: kept.get(key)!.etag } : objects.head(key)),
    };
    const bad: unknown[] = [];
    const reader = createProvenanceStore(cached, { now: () => NOW, onBadPack: (pack) => bad.push(pack) });
    await reader.existing(ADDRESS);
    await compactStore(objects, options);
    expect(await infectedOf(reader, tasksOf(8))).toEqual({ infected: tasksOf(8), missing: [] });
    expect(bad).toEqual([]);
  });
});

describe('a compaction', () => {
  it('killed at any write or deletion neither loses nor duplicates a row, and the next one completes its work', async () => {
    for (let steps = 0; ; steps++) {
      const objects = await storeOf(5);
      const dying = dyingAfter(steps, objects);
      const isDead = await compactStore(dying, options).then(
        () => false,
        () => true,
      );
      await expectWhole(objects, 10);
      await compactStore(objects, options);
      await expectWhole(objects, 10);
      expect(await packsOf(objects)).toBe(1);
      if (!isDead) return;
    }
  });

  it('concurrent with others loses nothing', async () => {
    const objects = await storeOf(12);
    await Promise.all([1, 2, 3].map(() => compactStore(objects, options)));
    await expectWhole(objects, 24);
    await compactStore(objects, options);
    await expectWhole(objects, 24);
    expect(await packsOf(objects)).toBe(1);
  });
});
