/** One measured step of the store in a process of its own, for `bench/rows/store.mjs`: `<step> <folder> [number …]`; prints its time as JSON. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import {
  aggregationIdOf,
  createJobTasks,
  type Digest,
  digestOf,
  type JobId,
  jobSpecSchema,
  type PackAddress,
  type ParamId,
  sha256Hex,
  type TaskId,
} from '@modelops/contracts';
import { createFsObjectStore } from './objects/fs-object-store.ts';
import { packName } from './packs/pack-name.ts';
import { createProvenanceStore } from './packs/provenance-store.ts';
import type { SimulationPack } from './packs/rows.ts';
import { createJobRegistry } from './records/create-job-registry.ts';

const PACK = 4_000;
const ROWS = 128;
const ADDRESS: PackAddress = { schema: 'token', kind: 'sims', code: digestOf('model') as Digest, name: 'models.m.M/baseline' };
const REPLICATES = 1_000;

const [step = '', folder = '', ...numbers] = process.argv.slice(2);
const [count = 0, second = 0] = numbers.map(Number);

async function timed(action: () => Promise<unknown> | unknown): Promise<number> {
  const started = performance.now();
  await action();
  return (performance.now() - started) / 1000;
}

/** A pack of tasks with the given ids, with `rowsEach` rows of one double. */
function packOf(number: number, ids: readonly TaskId[], rowsEach: number): SimulationPack {
  const values = Float64Array.from({ length: ids.length * rowsEach }, (_, at) => Math.round(1e4 * Math.sin(at * 0.01 + number) ** 2));
  const param_id = sha256Hex(`param ${number}`) as ParamId;
  return {
    name: packName(Date.now() + number, Math.random),
    simulations: ids.map((task_id, at) => ({
      task_id,
      param_id,
      params: `{"x":${number}}`,
      seed: BigInt(at * 7919 + number),
      status: 'ok',
      error: null,
      started_at: 1.7e12 + at,
      duration_ms: 0.15,
    })),
    outputs: rowsEach === 0 ? {} : { out: { rows: new Int32Array(ids.length).fill(rowsEach), columns: [{ name: 'value', values }] } },
    job_id: 'job-bench',
    worker: 'host/0',
  };
}

const idsFrom = (start: number, length: number) => Array.from({ length }, (_, at) => sha256Hex(`task ${start + at}`) as TaskId);

/** `count` results of 1 KiB in packs of 4,000, each written through to the disk. */
async function persistPacks(): Promise<number> {
  const packs = Array.from({ length: count / PACK }, (_, number) => packOf(number, idsFrom(number * PACK, PACK), ROWS));
  const store = createProvenanceStore(createFsObjectStore(folder));
  return timed(async () => {
    for (const pack of packs) await store.writeSimulations(ADDRESS, pack);
  });
}

/** The same bytes in one file per result, 1,000 per folder, not synced. */
async function persistFiles(): Promise<number> {
  const bytes = Buffer.alloc(ROWS * 8, 7);
  return timed(() => {
    for (let at = 0; at < count; at++) {
      if (at % 1000 === 0) mkdirSync(join(folder, String(at / 1000)), { recursive: true });
      writeFileSync(join(folder, String(Math.floor(at / 1000)), `${at}.bin`), bytes);
    }
  });
}

/** Checks the existence of each of `count` files, as the original Python system does. */
const statFiles = () =>
  timed(async () => {
    for (let at = 0; at < count; at++) await access(join(folder, String(Math.floor(at / 1000)), `${at}.bin`));
  });

/** A job that has ended `succeeded` or `partial`, without results. */
async function registerEnded(sets: number, replicates: number, status: 'succeeded' | 'partial', targets: readonly string[] = []) {
  const objects = createFsObjectStore(folder);
  const registry = createJobRegistry(objects, { now: () => new Date() });
  const spec = jobSpecSchema.parse({
    schema_version: 1,
    job_id: 'job-bench',
    created_at: new Date().toISOString(),
    study: {
      model: 'models/m.ts:M',
      parameter_sets: Array.from({ length: sets }, (_, x) => ({ x })),
      n_replicates: replicates,
    },
    binding: {
      bundle_ref: `bench@${digestOf('bundle')}`,
      bundle_digest: digestOf('bundle'),
      model_digest: ADDRESS.code,
      entrypoint: ADDRESS.name,
      code: ADDRESS.code,
      targets: targets.map((name) => ({ name, source: `targets/t.ts:${name}`, digest: digestOf(name), output: 'out' })),
      outputs: ['out'],
    },
  });
  const id: JobId = spec.job_id;
  const expected = { simulations: sets * replicates, aggregations: sets * targets.length, digest: digestOf('') };
  await registry.register(spec, { tasks_total: expected.simulations, expected_outputs: expected });
  for (const to of ['submitting', 'scheduled', 'running', 'validating', status] as const) await registry.transition(id, { to });
  return { spec, store: createProvenanceStore(objects), tasks: createJobTasks(spec.study, spec.binding) };
}

/** A job of `count` tasks, of which the second number are missing. */
async function makeJob(): Promise<number> {
  const missing = second;
  const replicates = Math.min(REPLICATES, count);
  const { store, tasks } = await registerEnded(count / replicates, replicates, missing === 0 ? 'succeeded' : 'partial');
  const every = missing === 0 ? Number.POSITIVE_INFINITY : Math.floor(count / missing);
  return timed(async () => {
    for (let start = 0; start < count; start += PACK) {
      const ids: TaskId[] = [];
      for (let task = start; task < Math.min(count, start + PACK); task++) if (task % every !== every - 1) ids.push(tasks.idAt(task));
      await store.writeSimulations(ADDRESS, packOf(start / PACK, ids, 1));
    }
  });
}

/** A job of `count` parameter sets with one replicate each, and their losses for the second number of targets. */
async function makeLosses(): Promise<number> {
  const names = Array.from({ length: second }, (_, target) => `target${target}`);
  const { spec, store, tasks } = await registerEnded(count, 1, 'succeeded', names);
  return timed(async () => {
    for (let start = 0; start < count; start += PACK) {
      const sets = Array.from({ length: Math.min(PACK, count - start) }, (_, at) => start + at);
      const { name, ...pack } = packOf(start / PACK, sets.map(tasks.idAt), 1);
      await store.writeSimulations(ADDRESS, { name, ...pack });
      for (const target of spec.binding.targets) {
        const rows = sets.map((set) => ({
          aggregation_id: aggregationIdOf(target.name, target.digest, [tasks.idAt(set)]),
          param_id: tasks.paramsAt(set).param_id,
          target: target.name,
          loss: Math.sin(set) ** 2,
          n_replicates: 1,
          diagnostics: '{}',
          computed_at: spec.created_at,
          job_id: spec.job_id,
          reason: null,
        }));
        await store.writeAggregations({ ...ADDRESS, kind: 'aggs', name: target.name }, { name, rows });
      }
    }
  });
}

/** Indexes of `count` tasks in packs ten times as large, without outputs. */
async function makeIndexes(): Promise<number> {
  const store = createFsObjectStore(folder);
  return timed(async () => {
    for (let start = 0; start < count; start += 10 * PACK)
      await createProvenanceStore(store).writeSimulations(ADDRESS, packOf(start, idsFrom(start, 10 * PACK), 0));
  });
}

/** Reads the ids of all results, from a fresh start. */
const readExisting = () =>
  timed(async () => {
    const { size } = await createProvenanceStore(createFsObjectStore(folder)).existing(ADDRESS);
    if (size !== count) throw new Error(`${size} of ${count} exist`);
  });

const STEPS: Readonly<Record<string, () => Promise<number>>> = {
  persistPacks,
  persistFiles,
  statFiles,
  makeJob,
  makeLosses,
  makeIndexes,
  readExisting,
};
process.stdout.write(JSON.stringify({ seconds: await STEPS[step]!() }));
