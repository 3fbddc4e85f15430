import { type AttemptPlan, digestOf, jobSpecSchema, jsonBytes, keys, packPrefix, planAttempt } from '@modelops/contracts';
import type { HostStarter, LoadMessage } from '@modelops/model-host';
import { nodeHosts } from '@modelops/model-host/testing';
import { createJobRegistry, createMemoryObjectStore, createProvenanceStore, type ObjectStore, readParquet } from '@modelops/store';
import type { ChunkDone } from '../chunk/done-records.ts';
import { readDones } from '../chunk/done-records.ts';
import { createJob, type Job, type Stores } from '../job-context.ts';
import type { WorkerOptions } from '../run-lane.ts';
import { runWorker } from '../run-worker.ts';

/** Stores over memory or over the given object store, with their own caches, as in another process. */
export function makeStores(objects: ObjectStore = createMemoryObjectStore()): Stores {
  return {
    objects,
    cached: objects,
    registry: createJobRegistry(objects, { now: () => new Date() }),
    provenance: createProvenanceStore(objects),
    now: Date.now,
    random: Math.random,
  };
}

export interface JobOptions {
  readonly sets: number;
  readonly replicates: number;
  readonly id?: string;
  readonly targets?: readonly string[];
  readonly outputs?: readonly string[];
  readonly min_replicates?: number;
  readonly max_attempts?: number;
  readonly memory_mib?: number;
  /** Identifies the code: jobs with the same code share results. */
  readonly code?: string;
}

/** A job whose parameter sets are `{ x: 0 }`, `{ x: 1 }`, … */
export function makeJob({ sets, replicates, id = 'job-1', targets = [], outputs = ['out'], code = 'code', ...limits }: JobOptions): Job {
  const digest = digestOf(code);
  return createJob(
    jobSpecSchema.parse({
      schema_version: 1,
      job_id: id,
      created_at: '2026-01-01T00:00:00.000Z',
      study: { model: 'models/m.ts:Model', parameter_sets: Array.from({ length: sets }, (_, x) => ({ x })), n_replicates: replicates },
      binding: {
        bundle_ref: `epi@${digest}`,
        bundle_digest: digest,
        model_digest: digest,
        entrypoint: 'models.m.Model/baseline',
        code: digest,
        outputs,
        targets: targets.map((name) => ({ name, source: `targets/t.ts:${name}`, digest: digestOf(name), output: outputs[0] })),
        ...limits,
      },
    }),
  );
}

/** Registers a job and plans attempt `n` for all its tasks or the given ones. */
export async function startJob(
  job: Job,
  { registry, objects }: Stores,
  { width = 1, n = 1, tasks }: { readonly width?: number; readonly n?: number; readonly tasks?: readonly number[] } = {},
): Promise<AttemptPlan> {
  if (n === 1) {
    const expected = { simulations: job.tasks.count, aggregations: job.tasks.groupCount * job.spec.binding.targets.length, digest: '' };
    await registry.register(job.spec, { tasks_total: job.tasks.count, expected_outputs: expected });
  }
  const submission = await registry.transition(job.id, n === 1 ? { to: 'submitting' } : { reopen: 'resume' });
  const groups = Array.from({ length: job.tasks.groupCount }, (_, set) => {
    const { start, end } = job.tasks.groupAt(set);
    const missing = tasks?.filter((task) => task >= start && task < end).map((task) => [task, task + 1] as const);
    return { start, end, missing: missing ?? [[start, end] as const] };
  }).filter(({ missing }) => missing.length > 0);
  const plan = planAttempt(n, groups, { workers: width, slots: 1 });
  await objects.put(keys.plan(job.id, n), jsonBytes(plan));
  const attempt = { n, engine: 'local', owner: null, namespace: null, tasks: plan.tasks, started_at: '' };
  await registry.beginAttempt(job.id, attempt, submission);
  await registry.transition(job.id, { to: 'scheduled' });
  return plan;
}

export interface Work extends Partial<WorkerOptions> {
  readonly job: Job;
  readonly plan: AttemptPlan;
  readonly load: LoadMessage;
  readonly hosts?: HostStarter;
}

/** Runs a worker to its end, on real hosts. */
export function work({ hosts = nodeHosts(), index = 0, slots = 1, ...options }: Work, stores: Stores): Promise<number> {
  const signal = new AbortController().signal;
  return runWorker({ name: `test/${index}`, signal, log: () => undefined, ...options, hosts, index, slots }, stores);
}

/** The `done` record of each chunk of a job. */
export async function donesOf(job: Job, stores: Stores): Promise<ChunkDone[]> {
  const dones: ChunkDone[] = [];
  for await (const done of readDones(job.id, stores)) dones.push(done);
  return dones;
}

export interface Rows {
  readonly ok: readonly number[];
  readonly failed: readonly number[];
}

/** Every row in the packs of a job, by task index; a task that was computed twice appears twice. */
export async function rowsOf(job: Job, stores: Stores): Promise<Rows> {
  const tasks = new Map(Array.from({ length: job.tasks.count }, (_, task) => [job.tasks.idAt(task) as string, task]));
  const rows = { ok: [] as number[], failed: [] as number[] };
  for (const pack of await stores.provenance.packs(job.sims)) {
    for (const { id, isOk } of await readIndex(job, pack, stores)) rows[isOk ? 'ok' : 'failed'].push(tasks.get(id)!);
  }
  return { ok: rows.ok.sort((a, b) => a - b), failed: rows.failed.sort((a, b) => a - b) };
}

async function readIndex(job: Job, pack: string, { objects }: Stores): Promise<{ id: string; isOk: boolean }[]> {
  const table = readParquet((await objects.get(`${packPrefix(job.sims)}${pack}/_index.parquet`))!.bytes);
  const status = table.list<string>('status');
  return table.list<string>('task_id').map((id, at) => ({ id, isOk: status[at] === 'ok' }));
}

/** 0, 1, … n − 1 */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, at) => at);
