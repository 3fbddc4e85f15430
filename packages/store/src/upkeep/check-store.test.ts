import {
  type AggregationId,
  type Digest,
  digestOf,
  type JobId,
  keys,
  type PackAddress,
  type ParamId,
  packPrefix,
  sha256Hex,
  type TaskId,
} from '@modelops/contracts';
import { createRandom } from '@modelops/testkit';
import { describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { writeAttribution } from '../packs/attribution.ts';
import { packName } from '../packs/pack-name.ts';
import { createProvenanceStore } from '../packs/provenance-store.ts';
import type { SimulationPack } from '../packs/rows.ts';
import type { StoreProblem } from './check-pack.ts';
import { checkStore, quarantineBadPacks, quarantinePacks } from './check-store.ts';
import { statsOf } from './store-stats.ts';

const ADDRESS: PackAddress = { schema: 'token', kind: 'sims', code: digestOf('model') as Digest, name: 'models.seir.SEIR/baseline' };
const nameAt = (at: number) => packName(1e12 + at * 1000, () => 0.5);
const folderAt = (at: number) => `${packPrefix(ADDRESS)}${nameAt(at)}`;

/** Two tasks per pack; adjacent packs share one. */
function packAt(at: number): SimulationPack {
  const simulations = [at, at + 1].map((task) => ({
    task_id: sha256Hex(`task ${task}`) as TaskId,
    param_id: sha256Hex('param') as ParamId,
    params: '{}',
    seed: BigInt(task),
    status: 'ok' as const,
    error: null,
    started_at: 1e12,
    duration_ms: 1,
  }));
  const table = { rows: Int32Array.of(1, 2), columns: [{ name: 'x', values: Float64Array.of(at, at + 1, at + 2) }] };
  return { name: nameAt(at), simulations, outputs: { a: table, b: table }, job_id: 'job-1', worker: 'w' };
}

async function storeOf(count: number): Promise<ObjectStore> {
  const objects = createMemoryObjectStore();
  const store = createProvenanceStore(objects);
  for (let at = 0; at < count; at++) await store.writeSimulations(ADDRESS, packAt(at));
  return objects;
}

async function change(objects: ObjectStore, key: string, at = 100): Promise<void> {
  const bytes = (await objects.get(key))!.bytes.slice();
  bytes[at % bytes.length]! ^= 4;
  await objects.put(key, bytes);
}

const SEED = 20261125;

async function damage(objects: ObjectStore, key: string, how: string, random: () => number): Promise<void> {
  if (how === 'delete') return objects.delete(key);
  const bytes = (await objects.get(key))!.bytes.slice();
  const at = Math.floor(random() * bytes.length);
  if (how.startsWith('truncate')) await objects.put(key, bytes.subarray(0, at));
  else if (how === 'swap') await objects.put(key, (await objects.get(key.replace(nameIn(key), nameAt(0))))!.bytes);
  else {
    bytes[at]! ^= 1 << Math.floor(random() * 8);
    await objects.put(key, bytes);
  }
}

const nameIn = (key: string) => key.split('/').at(-2)!;

describe('checkStore', () => {
  it('finds no problem in intact packs', async () => {
    const objects = await storeOf(3);
    await writeAttribution(objects, keys.attribution('job-1' as JobId, 1, 0), [
      { task_id: sha256Hex('task 1') as TaskId, source: 'reused' },
    ]);
    await objects.put(keys.blob(digestOf('data')), Buffer.from('data'));
    const found = await checkStore(objects);
    expect(found).toMatchObject({ packs: 3, objects: 3 * 3 + 2, problems: [] });
    expect(found.bytes).toBeGreaterThan(3000);
  });

  it('finds exactly the ten damaged packs of a thousand, for every kind of damage', async () => {
    const objects = await storeOf(1000);
    const random = createRandom(SEED);
    const damaged = new Map<string, StoreProblem['kind']>();
    const kinds = ['flip', 'truncate', 'delete', 'flip index', 'truncate index', 'swap'];
    const intact = Array.from({ length: 1000 }, (_, at) => at);
    for (let n = 0; n < 10; n++) {
      const [at] = intact.splice(Math.floor(random() * intact.length), 1);
      const how = kinds[n % kinds.length]!;
      const key = `${folderAt(at!)}/${how.endsWith('index') ? '_index' : random() < 0.5 ? 'a' : 'b'}.parquet`;
      await damage(objects, key, how, random);
      damaged.set(key, how === 'delete' ? 'missing' : 'bad');
    }
    const { packs, problems } = await checkStore(objects);
    expect(packs).toBe(1000);
    expect(new Map(problems.map(({ key, kind }) => [key, kind])), `seed ${SEED}`).toEqual(damaged);

    const store = createProvenanceStore(objects);
    await quarantinePacks(objects, problems);
    expect((await checkStore(objects)).problems).toEqual([]);
    // Adjacent packs share a task: only tasks in no intact pack are lost.
    const sound = intact.flatMap((at) => packAt(at).simulations.map(({ task_id }) => task_id));
    expect((await store.existing(ADDRESS)).size).toBe(new Set(sound).size);
  });

  it('distinguishes missing files, files that no index names and packs without an index', async () => {
    const objects = await storeOf(3);
    await objects.delete(`${folderAt(0)}/a.parquet`);
    await objects.put(`${folderAt(1)}/c.parquet`, Buffer.from('?'));
    await objects.delete(`${folderAt(2)}/_index.parquet`);
    expect((await checkStore(objects)).problems.map(({ key, kind }) => [key, kind])).toEqual([
      [`${folderAt(0)}/a.parquet`, 'missing'],
      [`${folderAt(1)}/c.parquet`, 'stray'],
      [`${folderAt(2)}/a.parquet`, 'orphan'],
      [`${folderAt(2)}/b.parquet`, 'orphan'],
    ]);
  });

  it('lists more problems of one pack than a function has arguments', async () => {
    const objects = await storeOf(1);
    const files = Array.from({ length: 150_000 }, (_, at) => ({ key: `${folderAt(0)}/z${at}`, size: 1, etag: '' }));
    const listing: ObjectStore = {
      ...objects,
      async *list(prefix, options) {
        yield* objects.list(prefix, options);
        if (`${folderAt(0)}/`.startsWith(prefix)) yield* files;
      },
    };
    expect((await checkStore(listing)).problems).toHaveLength(files.length);
    expect(await quarantineBadPacks(listing, ADDRESS)).toEqual([]);
  });

  it('finds altered attributions and blobs', async () => {
    const objects = createMemoryObjectStore();
    const attribution = keys.attribution('job-1' as JobId, 1, 0);
    await writeAttribution(objects, attribution, [{ task_id: sha256Hex('task 1') as TaskId, source: 'computed' }]);
    await objects.put(keys.blob(digestOf('data')), Buffer.from('date'));
    await change(objects, attribution);
    expect((await checkStore(objects)).problems).toMatchObject([{ key: attribution }, { key: keys.blob(digestOf('data')) }]);
  });
});

describe('records and results', () => {
  const state = keys.state('job-1' as JobId);
  const text = (value: string) => new TextEncoder().encode(value);

  it('are checked against their schemas and digests', async () => {
    const objects = createMemoryObjectStore();
    const losses = text('losses');
    const manifest = (digest: string) => text(JSON.stringify({ schema: 'x', files: { 'losses.parquet': { digest } } }));
    await objects.put('results/job-1/losses.parquet', losses);
    await objects.put('results/job-1/manifest.json', manifest(digestOf('losses')));
    expect((await checkStore(objects)).problems).toEqual([]);
    await objects.put('results/job-1/manifest.json', manifest(digestOf('other')));
    await objects.put(state, text('{"job_id":"job-1"'));
    await objects.put(keys.spec('job-1' as JobId), text('{}'));
    await objects.put('results/job-2/manifest.json', manifest(digestOf('losses')));
    expect((await checkStore(objects)).problems).toEqual([
      { key: keys.spec('job-1' as JobId), kind: 'bad', reason: expect.stringContaining('study') },
      { key: state, kind: 'bad', reason: expect.stringContaining('is not valid JSON') },
      { key: 'results/job-1/manifest.json', kind: 'bad', reason: 'the digest of losses.parquet differs from that in the manifest' },
      { key: 'results/job-2/manifest.json', kind: 'bad', reason: 'losses.parquet is missing' },
    ]);
  });
});

describe('a pack that is deleted while the store is checked', () => {
  it('is not a problem', async () => {
    const objects = await storeOf(3);
    const vanishing: ObjectStore = {
      ...objects,
      async get(key, range) {
        const held = await objects.get(key, range);
        if (key === `${folderAt(1)}/_index.parquet`)
          for (const file of ['_index', 'a', 'b']) await objects.delete(`${folderAt(1)}/${file}.parquet`);
        if (key === `${folderAt(2)}/_index.parquet`) {
          for (const file of ['_index', 'a', 'b']) await objects.delete(`${folderAt(2)}/${file}.parquet`);
          return undefined;
        }
        return held;
      },
    };
    expect((await checkStore(vanishing)).problems).toEqual([]);
  });
});

describe('a writer that dies', () => {
  it('leaves no partial pack, at any write and with any part of it stored', async () => {
    for (let writes = 0; writes < 3; writes++) {
      for (const part of [0, 0.3, 1]) {
        const objects = createMemoryObjectStore();
        let left = writes;
        const dying: ObjectStore = {
          ...objects,
          async put(key, bytes) {
            if (left-- > 0) return objects.put(key, bytes);
            if (part > 0) await objects.put(key, bytes.slice(0, Math.floor(bytes.length * part)));
            throw new Error('killed');
          },
        };
        await expect(createProvenanceStore(dying).writeSimulations(ADDRESS, packAt(0))).rejects.toThrow('killed');
        const isWhole = writes === 2 && part === 1;
        expect((await createProvenanceStore(objects).existing(ADDRESS)).size).toBe(isWhole ? 2 : 0);
      }
    }
  });
});

describe('statsOf', () => {
  it('counts distinct results and all rows, by address', async () => {
    const objects = await storeOf(3);
    await createProvenanceStore(objects).writeAggregations(
      { ...ADDRESS, kind: 'aggs', name: 'prevalence' },
      {
        name: nameAt(9),
        rows: [
          {
            aggregation_id: sha256Hex('a') as AggregationId,
            param_id: sha256Hex('param') as ParamId,
            target: 'prevalence',
            loss: 1,
            n_replicates: 2,
            diagnostics: '{}',
            computed_at: '2026-01-01T00:00:00Z',
            job_id: 'job-1',
            reason: null,
          },
        ],
      },
    );
    const code = ADDRESS.code.slice(7, 19);
    expect(await statsOf(objects)).toMatchObject([
      { schema: 'token', kind: 'aggs', code, name: 'prevalence', packs: 1, results: 1, rows: 1 },
      { schema: 'token', kind: 'sims', code, name: 'models.seir.SEIR@baseline', packs: 3, results: 4, rows: 6 },
    ]);
  });
});
