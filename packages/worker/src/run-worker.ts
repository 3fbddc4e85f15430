import { type AttemptPlan, isModelOpsError, isTerminal, keys, messageOf } from '@modelops/contracts';
import type { TaskIdSet } from '@modelops/store';
import { announcing, openCaution } from './caution.ts';
import type { ChunkDone } from './chunk/chunk-record.ts';
import { type Claim, chunkNumbers, claimChunks } from './chunk/claims.ts';
import { createExistingTasks } from './chunk/existing-tasks.ts';
import { runChunk } from './chunk/run-chunk.ts';
import { createTaskRunner, Interrupted, type TaskRunner } from './chunk/task-runner.ts';
import { finaliseJob } from './finalise/finalise-job.ts';
import { guardJob } from './guard-job.ts';
import type { MemoryGuard } from './hosts/memory-guard.ts';
import type { LoadMessage } from './hosts/messages.ts';
import type { HostStarter } from './hosts/model-host.ts';
import type { Job, Stores } from './job-context.ts';

export interface WorkerOptions {
  readonly job: Job;
  readonly plan: AttemptPlan;
  readonly index: number;
  readonly slots: number;
  /** What names this worker in claims and rows: host and process. */
  readonly name: string;
  readonly load: LoadMessage;
  readonly hosts: HostStarter;
  /** Ends the work: what has run is written, the rest of its chunk left to the next. SIGTERM. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Chunks of a lane that wait for the disk or the network at once. */
const COMMITS_UNDER_WAY = 4;

/**
 * Works through an attempt: claims chunks, runs them on `slots` warm hosts, and finalises the job when no chunk is left undone.
 * Nothing is left to do where the job has ended or a later attempt has begun. Returns how many chunks it did.
 */
export async function runWorker(options: WorkerOptions, stores: Stores): Promise<number> {
  const { job, plan, index, slots, name, load, hosts, log } = options;
  const guard = guardJob(job);
  // The first lane that fails ends the others, as SIGTERM would.
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const existing = createExistingTasks(() => stores.provenance.existing(job.sims), { now: stores.now, width: plan.width });
  const claims = claimChunks(stores.objects, {
    job: job.id,
    n: plan.n,
    chunks: plan.chunks.length,
    index,
    width: plan.width,
    host: name,
    now: stores.now,
    order: plan.order,
  });
  let done = 0;

  /** An error that the worker lives through is no crash of the chunk: its claim is given back, for this index or another. */
  const releasing = async <T>({ chunk }: Claim, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      await stores.objects.delete(keys.claim(job.id, plan.n, chunk)).catch(() => undefined);
      throw error;
    }
  };
  const lane = async () => {
    const runner = createTaskRunner({
      hosts,
      guard,
      load,
      valuesAt: (set) => job.tasks.paramsAt(set).values,
      maxAttempts: job.spec.binding.max_attempts,
      now: stores.now,
      signal,
    });
    // Chunks run while earlier ones are written: a write waits for the disk, a run for the host.
    const commits = new Set<Promise<void>>();
    try {
      for (;;) {
        if (signal.aborted) break;
        const { value: claim, done: isOver } = await claims.next();
        if (isOver || claim === undefined) break;
        const ran = await releasing(claim, async () => runClaim(claim, { ...options, signal }, runner, await existing(), stores));
        const commit = releasing(claim, async () => {
          const record = await ran.commit();
          done++;
          log(describeChunk(record));
        }).then(() => void commits.delete(commit));
        commit.catch(() => undefined); // awaited below
        commits.add(commit);
        if (commits.size >= COMMITS_UNDER_WAY) await Promise.race(commits);
      }
      await Promise.all(commits);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      await Promise.all(commits);
    } finally {
      await Promise.allSettled(commits);
      await runner.close();
    }
  };
  try {
    if (!(await isCurrent(job, plan, stores))) return 0;
    await markRunning(job, stores);
    const lanes = Array.from({ length: slots }, () =>
      lane().catch((error: unknown) => {
        failure.abort();
        throw error;
      }),
    );
    for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason;
    if (!signal.aborted && (await isLastOut(job, plan, stores)) && (await isCurrent(job, plan, stores)))
      await finalise(options, guard, stores);
  } finally {
    guard.stop();
  }
  return done;
}

async function runClaim({ chunk, isCrashed }: Claim, options: WorkerOptions, runner: TaskRunner, existing: TaskIdSet, stores: Stores) {
  const { job, plan, index, name, log } = options;
  const work = { job, plan, chunk, index, existing, worker: name };
  if (!isCrashed) return runChunk({ ...work, skipped: new Set<number>() }, runner, stores);
  log(`chunk ${chunk}: its worker died in it; its tasks run one at a time`);
  const caution = await openCaution(job, plan.n, chunk, stores, name);
  return runChunk({ ...work, skipped: caution.fatal }, announcing(runner, caution, options.signal), stores);
}

/** False for a worker that outlived its attempt: the job has ended, or was resumed since. */
async function isCurrent(job: Job, plan: AttemptPlan, { registry }: Stores): Promise<boolean> {
  const { status, attempts } = await registry.state(job.id);
  return !isTerminal(status) && (attempts.at(-1)?.n ?? plan.n) === plan.n;
}

async function markRunning(job: Job, { registry }: Stores): Promise<void> {
  const { status } = await registry.state(job.id);
  if (status !== 'scheduled' && status !== 'submitting') return;
  try {
    if (status === 'submitting') await registry.transition(job.id, { to: 'scheduled' });
    await registry.transition(job.id, { to: 'running' });
  } catch (error) {
    if (!isModelOpsError(error, 'ILLEGAL_TRANSITION')) throw error; // another worker was first, or the job was cancelled
  }
}

async function isLastOut({ id }: Job, plan: AttemptPlan, { objects }: Stores): Promise<boolean> {
  return (await chunkNumbers(objects, keys.dones(id, plan.n))).size >= plan.chunks.length;
}

async function finalise({ job, hosts, load, log }: WorkerOptions, guard: MemoryGuard, stores: Stores): Promise<void> {
  const runner = createTaskRunner({ hosts, guard, load, valuesAt: () => ({}), maxAttempts: 2, now: stores.now });
  try {
    const state = await finaliseJob(job, stores, { evaluate: runner.evaluate });
    log(`job ${job.id}: ${state.status}`);
  } catch (error) {
    log(`job ${job.id}: finalisation failed, mops jobs sync repeats it: ${messageOf(error)}`);
    throw error;
  } finally {
    await runner.close();
  }
}

function describeChunk({ chunk, computed, reused, failed, started_at, ended_at }: ChunkDone): string {
  const failures = Object.values(failed).reduce((a, b) => a + b, 0);
  return `chunk ${chunk}: ${computed} computed, ${reused} reused, ${failures} failed, ${(Date.parse(ended_at) - Date.parse(started_at)) / 1000} s`;
}
