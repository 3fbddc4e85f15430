import { createReporter } from '@modelops/cli-kit';
import { createMemoryIo } from '@modelops/cli-kit/testing';
import { keys, localEnvironment, ModelOpsError, type Owner, sha256Hex, type TaskId } from '@modelops/contracts';
import { createJobRegistry, createMemoryObjectStore, createProvenanceStore, type ObjectStore } from '@modelops/store';
import { createJob, finaliseJob, type Job, type Stores } from '@modelops/worker';
import { describe, expect, it } from 'vitest';
import type { OpenEnvironment } from '../deps.ts';
import type { Engine } from '../engines/engine.ts';
import { outputTotals } from './bind-study.ts';
import { resumeJob } from './resume-job.ts';
import { SPEC } from './testing/team.ts';

const HERE: Owner = { kind: 'machine', machine: 'm', home: '/home', host: 'here' };

/** An engine that starts nothing and records its calls. */
function createIdleEngine(): Engine & { readonly started: number[] } {
  const started: number[] = [];
  return {
    name: 'local',
    owner: async () => HERE,
    widthOf: () => ({ workers: 2, slots: 1 }),
    started,
    start: async (_spec, { n }) => {
      started.push(n);
      return { name: `attempt-${n}` };
    },
    observe: async () => ({ phase: 'running', workers: { active: 1, succeeded: 0, failed: 0 }, problems: [] }),
    stop: async () => undefined,
    scale: async (_job, _attempt, workers) => ({ before: workers }),
    forget: async () => undefined,
    logs: async function* () {},
  };
}

/** A job of four tasks in its own store, whose `put`s can be intercepted. */
async function openJob(onPut: (key: string) => Promise<void> = async () => undefined) {
  const memory = createMemoryObjectStore();
  const objects: ObjectStore = {
    ...memory,
    async put(key, bytes, condition) {
      await onPut(key);
      return memory.put(key, bytes, condition);
    },
  };
  let clock = Date.parse('2026-03-01T12:00:00Z');
  const now = () => clock++;
  const registry = createJobRegistry(objects, { now: () => new Date(now()) });
  const stores: Stores = {
    objects,
    cached: objects,
    registry,
    provenance: createProvenanceStore(objects, { now }),
    now,
    random: () => 0.5,
  };
  const engine = createIdleEngine();
  const job = createJob(SPEC);
  await registry.register(SPEC, { tasks_total: 4, expected_outputs: outputTotals(job) });
  const opened: OpenEnvironment = {
    name: 'local',
    environment: localEnvironment('/home'),
    stores,
    engine,
    machine: HERE,
    cacheDir: '/cache',
  };
  return { job, stores, engine, opened };
}

async function compute({ tasks, sims, id }: Job, which: readonly number[], { provenance }: Stores): Promise<void> {
  const simulations = which.map((task) => ({
    task_id: tasks.idAt(task) as TaskId,
    param_id: tasks.paramsAt(tasks.groupOf(task).set).param_id,
    params: '{}',
    seed: BigInt(tasks.seedAt(task)),
    status: 'ok' as const,
    error: null,
    started_at: 0,
    duration_ms: 1,
  }));
  const outputs = { prevalence: { rows: new Int32Array(which.length), columns: [] } };
  await provenance.writeSimulations(sims, {
    name: `pack-${sha256Hex(which.join()).slice(0, 8)}`,
    simulations,
    outputs,
    job_id: id,
    worker: 'w',
  });
}

const deps = { cwd: '/nowhere', home: '/nowhere/.modelops', reporter: createReporter(createMemoryIo(), { isQuiet: true }) };
const plain = { dryRun: false, width: {}, bundle: undefined };
const move = async ({ registry }: Stores, ...statuses: ('submitting' | 'scheduled' | 'running' | 'cancelled' | 'failed')[]) => {
  for (const to of statuses) await registry.transition(SPEC.job_id, { to });
};

describe('resume', () => {
  it('runs exactly the tasks without a result, as the next attempt', async () => {
    const { job, stores, engine, opened } = await openJob();
    await move(stores, 'submitting', 'scheduled', 'running', 'cancelled');
    await compute(job, [0, 1, 3], stores);
    expect(await resumeJob(job.id, plain, opened, deps)).toMatchObject({ attempt: 1, tasks: 1, status: 'scheduled' });
    const plan = JSON.parse(new TextDecoder().decode((await stores.objects.get(keys.plan(job.id, 1)))!.bytes));
    expect(plan).toMatchObject({ tasks: 1, chunks: [[[2, 3]]] });
    expect(engine.started).toEqual([1]);
  });

  it('of a submission that failed before its first attempt starts with attempt 1', async () => {
    const { job, stores, opened } = await openJob();
    await move(stores, 'submitting', 'failed');
    expect(await resumeJob(job.id, plain, opened, deps)).toMatchObject({ attempt: 1, tasks: 4 });
  });

  it('rejects a concurrent second resume, whose plan and bundle change nothing', async () => {
    const { job, stores, engine, opened } = await openJob();
    await move(stores, 'submitting', 'scheduled', 'cancelled');
    const [first, ...others] = await Promise.allSettled([1, 2, 3].map(() => resumeJob(job.id, plain, opened, deps)));
    expect(first).toMatchObject({ status: 'fulfilled' });
    for (const other of others)
      expect(other).toMatchObject({
        status: 'rejected',
        reason: { code: 'CONFLICT', exit: 4, message: expect.stringMatching(/another command resumed/) },
      });
    expect(engine.started).toEqual([1]);
    expect((await stores.registry.state(job.id)).attempts).toHaveLength(1);
  });

  it.each([1, 2])('reports a store that fails at write %i after the workers were started, and that they are running', async (at) => {
    let writes = Number.NEGATIVE_INFINITY;
    const { job, stores, engine, opened } = await openJob(async (key) => {
      if (key.endsWith('state.json') && ++writes >= at) throw new ModelOpsError('STORE_UNREACHABLE', 'the store cannot be reached');
    });
    await move(stores, 'submitting', 'failed');
    const { start } = engine;
    opened.engine.start = async (...args) => {
      writes = 0;
      return start(...args);
    };
    await expect(resumeJob(job.id, plain, opened, deps)).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
      message: `the workers of ${job.id} were started, but its record was not updated: the store cannot be reached`,
      hint: `mops jobs status ${job.id}`,
    });
    // The workers record by themselves that they run.
    expect((await stores.registry.state(job.id)).status).toBe('submitting');
  });

  it.each(['running', 'scheduled'] as const)('does not change a job that is %s', async (status) => {
    const { job, stores, opened } = await openJob();
    await move(stores, 'submitting', 'scheduled', ...(status === 'running' ? ([status] as const) : []));
    await expect(resumeJob(job.id, plain, opened, deps)).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION', exit: 4 });
  });
});

describe('a job that is cancelled while it is finalised', () => {
  it('stays cancelled, and a resume with nothing to run ends it at once', async () => {
    const opening = await openJob(async (key) => {
      if (key.endsWith('manifest.json') && !isCancelled) {
        isCancelled = true;
        await move(opening.stores, 'cancelled');
      }
    });
    let isCancelled = false;
    const { job, stores, engine, opened } = opening;
    await move(stores, 'submitting', 'scheduled', 'running');
    await compute(job, [0, 1, 2, 3], stores);
    expect(await finaliseJob(job, stores)).toMatchObject({ status: 'cancelled' });
    expect(isCancelled).toBe(true);
    expect(await finaliseJob(job, stores)).toMatchObject({ status: 'cancelled' });
    expect(await resumeJob(job.id, plain, opened, deps)).toMatchObject({ tasks: 0, chunks: 0, status: 'succeeded' });
    expect(engine.started).toEqual([]);
    expect(await stores.registry.state(job.id)).toMatchObject({ status: 'succeeded', tasks_verified: 4 });
  });
});
