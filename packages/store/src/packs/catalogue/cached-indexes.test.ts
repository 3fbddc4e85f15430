import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPrefix } from '@modelops/contracts';
import { type RunningAzurite, startAzurite } from '@modelops/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../../objects/memory-object-store.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { openObjectStore } from '../../objects/open-object-store.ts';
import { compactStore } from '../../upkeep/compact-store.ts';
import { DEFAULT_LIMITS } from '../../upkeep/plan-compaction.ts';
import { createProvenanceStore } from '../provenance-store.ts';
import { ADDRESS, corrupt, idOf, NOW, nameAt, okPack } from '../testing/packs.ts';
import { cachedIndexes } from './cached-indexes.ts';

let azurite: RunningAzurite;
let root: string;
beforeAll(async () => {
  [azurite, root] = await Promise.all([startAzurite(), mkdtemp(join(tmpdir(), 'modelops-indexes-'))]);
});
afterAll(() => Promise.all([azurite.stop(), rm(root, { recursive: true, force: true })]));

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(root, 'cache-'));
});

/** A new container, and successive processes that read it through the cache and record the keys that they request. */
async function open() {
  const storage = { provider: 'azure', container: `c-${randomUUID()}`, connection_string: azurite.connectionString } as const;
  const objects = await openObjectStore(storage);
  const requested: string[] = [];
  const get: ObjectStore['get'] = (key, range) => {
    requested.push(key);
    return objects.get(key, range);
  };
  const process = () => createProvenanceStore(cachedIndexes({ ...objects, get }, storage, cacheDir), { now: () => NOW });
  return { objects, requested, process, storage };
}

describe('cachedIndexes', () => {
  it('fetches each index once', async () => {
    const { objects, requested, process } = await open();
    const writer = createProvenanceStore(objects, { now: () => NOW });
    for (let at = 0; at < 5; at++) await writer.writeSimulations(ADDRESS, okPack(nameAt(at + 1), [2 * at, 2 * at + 1]));
    expect((await process().existing(ADDRESS, { relist: true })).size).toBe(10);
    expect(requested).toHaveLength(5);
    requested.length = 0;
    expect((await process().existing(ADDRESS, { relist: true })).size).toBe(10);
    expect(requested).toEqual([]);
    await writer.writeSimulations(ADDRESS, okPack(nameAt(0.5), [10]));
    expect((await process().existing(ADDRESS, { relist: true })).size).toBe(11);
    expect(requested).toEqual([`${packPrefix(ADDRESS)}${nameAt(0.5)}/_index.parquet`]);
  });

  it('does not report packs that were deleted, quarantined or compacted, although their indexes are cached', async () => {
    const { objects, process } = await open();
    const writer = createProvenanceStore(objects, { now: () => NOW });
    for (const at of [1, 2, 3]) await writer.writeSimulations(ADDRESS, okPack(nameAt(at), [at]));
    expect((await process().existing(ADDRESS)).size).toBe(3);
    await objects.delete(`${packPrefix(ADDRESS)}${nameAt(1)}/_index.parquet`);
    expect((await process().existing(ADDRESS)).has(idOf(1))).toBe(false);
    await corrupt(objects, `${packPrefix(ADDRESS)}${nameAt(2)}/prevalence.parquet`);
    expect((await process().readOutput(ADDRESS, [idOf(2)], 'prevalence')).missing).toEqual([idOf(2)]);
    expect((await process().existing(ADDRESS)).size).toBe(1);
    await writer.writeSimulations(ADDRESS, okPack(nameAt(0.9), [4]));
    expect(await process().packs(ADDRESS)).toHaveLength(2);
    await compactStore(objects, { ...DEFAULT_LIMITS, before: NOW, isDryRun: false, now: () => NOW, random: () => 0.5 });
    const reader = process();
    expect(await reader.packs(ADDRESS)).toHaveLength(1);
    expect((await reader.readOutput(ADDRESS, [idOf(3), idOf(4)], 'prevalence')).missing).toEqual([]);
  });

  it('does not cache a damaged index', async () => {
    const { objects, requested, process } = await open();
    await createProvenanceStore(objects).writeSimulations(ADDRESS, okPack(nameAt(1), [1]));
    const [output, key] = ['prevalence', '_index'].map((file) => `${packPrefix(ADDRESS)}${nameAt(1)}/${file}.parquet`) as [string, string];
    const whole = await Promise.all([output, key].map(async (file) => (await objects.get(file))!.bytes));
    await corrupt(objects, key);
    await process().existing(ADDRESS);
    for (const [at, file] of [output, key].entries()) await objects.put(file, whole[at]!);
    requested.length = 0;
    expect((await process().existing(ADDRESS)).has(idOf(1))).toBe(true);
    expect(requested).toEqual([key]);
  });

  it('separates two stores, writes no secret, and does not cache a local store', async () => {
    const [first, second] = [await open(), await open()];
    await createProvenanceStore(first.objects).writeSimulations(ADDRESS, okPack(nameAt(1), [1]));
    await createProvenanceStore(second.objects).writeSimulations(ADDRESS, okPack(nameAt(1), [2]));
    expect((await first.process().existing(ADDRESS)).has(idOf(1))).toBe(true);
    expect((await second.process().existing(ADDRESS)).has(idOf(2))).toBe(true);
    const names = await readdir(join(cacheDir, 'objects'));
    expect(names).toHaveLength(2);
    const rotated = {
      ...first.storage,
      connection_string: first.storage.connection_string.replace(/AccountKey=[^;]+/, 'AccountKey=b3RoZXI='),
    };
    const object = { bytes: new Uint8Array([1]), etag: 'e' };
    const other: ObjectStore = { ...createMemoryObjectStore(), get: async () => object };
    await cachedIndexes(other, rotated, cacheDir).get('jobs/job-1/spec.json');
    expect(await readdir(join(cacheDir, 'objects'))).toEqual(names);
    expect(cachedIndexes(other, { provider: 'fs', path: root }, cacheDir)).toBe(other);
  });
});
