import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPrefix } from '@modelops/contracts';
import { createJobRegistry, createProvenanceStore, type ObjectStore, openObjectStore } from '@modelops/store';
import type { Stores } from '@modelops/worker';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { downloadJob } from './download-job.ts';
import { createWorld } from './testing/world.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-download-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const { signal } = new AbortController();

async function made() {
  const world = createWorld();
  const job = await world.register({ sets: [{ beta: 1 }, { beta: 2 }], replicates: 2, targets: ['fit'] });
  const other = await world.register({ sets: [{ beta: 3 }] });
  const packs = [await world.compute(job, [0, 1]), await world.compute(job, [2, 3])];
  await world.compute(other, [0]);
  await world.index(job);
  const reads: string[] = [];
  /** The stores of another process that records what it reads, and changes it. */
  const reader = (change: (key: string, bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes): Stores => {
    const objects: ObjectStore = {
      ...world.stores.objects,
      async get(key, range) {
        reads.push(key);
        const object = await world.stores.objects.get(key, range);
        return object && { ...object, bytes: change(key, object.bytes) };
      },
    };
    return { ...world.stores, objects };
  };
  return { world, job, other, packs, reads, reader };
}

const broken = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 20 ? byte ^ 1 : byte));

it('creates a store with only this job and the same results', async () => {
  const { job, other, world } = await made();
  const dir = join(root, 'job');
  expect(await downloadJob({ job: job.id, dir, signal }, world.stores)).toMatchObject({ kept: 0, missing: 0 });
  const objects = await openObjectStore({ provider: 'fs', path: dir });
  const ids = [0, 1, 2, 3].map((task) => job.tasks.idAt(task));
  const outputs = (from: ObjectStore) => createProvenanceStore(from).readOutput(job.sims, ids, 'prevalence');
  expect(await outputs(objects)).toEqual(await outputs(world.stores.objects));
  expect([...(await createProvenanceStore(objects).aggregations(job.aggs('fit'))).values()]).toEqual([
    ...(await world.stores.provenance.aggregations(job.aggs('fit'))).values(),
  ]);
  const registry = createJobRegistry(objects, { now: () => new Date() });
  expect((await registry.state(job.id)).job_id).toBe(job.id);
  await expect(registry.state(other.id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  const losses = async (from: ObjectStore) => Buffer.from((await from.get(`results/${job.id}/losses.parquet`))!.bytes);
  expect(await losses(objects)).toEqual(await losses(world.stores.objects));
});

it('continues an earlier download, and copies damaged files again', async () => {
  const { job, packs, reads, reader } = await made();
  const dir = join(root, 'job');
  const key = (pack: number) => `${packPrefix(job.sims)}${packs[pack]}/prevalence.parquet`;
  const fails = reader((name, bytes) => (name === key(1) ? broken(bytes) : bytes));
  await expect(downloadJob({ job: job.id, dir, signal }, fails)).rejects.toMatchObject({
    code: 'STORE_CORRUPT',
    message: expect.stringContaining(key(1)),
  });
  expect((await readdir(join(dir, packPrefix(job.sims)), { recursive: true })).filter((name) => name.includes('_index'))).toEqual([]);
  await writeFile(join(dir, key(0)), broken((await reader().objects.get(key(0)))!.bytes));
  reads.length = 0;
  const report = await downloadJob({ job: job.id, dir, signal }, reader());
  expect(report.kept).toBeGreaterThan(0);
  expect(reads).toEqual(expect.arrayContaining([key(0), key(1)]));
  reads.length = 0;
  const objectsIn = async () => (await readdir(dir, { recursive: true })).filter((name) => !name.startsWith('.tmp')).sort();
  const before = await objectsIn();
  const again = await downloadJob({ job: job.id, dir, signal }, reader());
  expect(again.files).toBeGreaterThan(again.kept);
  expect(await objectsIn()).toEqual(before);
  expect(reads.filter((name) => name.startsWith('provenance/'))).toEqual([]);
});

it('counts tasks without a result, refuses a folder with other files, and stops at Ctrl-C', async () => {
  const { world } = await made();
  const partial = await world.register({ sets: [{ beta: 5 }, { beta: 6 }] });
  await world.compute(partial, [0]);
  expect(await downloadJob({ job: partial.id, dir: join(root, 'partial'), signal }, world.stores)).toMatchObject({ missing: 1 });
  await writeFile(join(root, 'thesis.tex'), 'x');
  await expect(downloadJob({ job: partial.id, dir: root, signal }, world.stores)).rejects.toMatchObject({ code: 'CONFLICT' });
  const request = { job: partial.id, dir: join(root, 'aborted'), signal: AbortSignal.abort() };
  await expect(downloadJob(request, world.stores)).rejects.toMatchObject({ code: 'INTERRUPTED' });
});
