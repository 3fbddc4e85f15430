import { type AttemptPlan, isModelOpsError, isTerminal, keys, messageOf } from '@modelops/contracts';
import type { TaskIdSet } from '@modelops/store';
import { announcing, openCaution } from './caution.ts';
import type { ChunkDone } from './chunk/chunk-record.ts';
import { createClaimer } from './chunk/claimer.ts';
import { type Claim, chunkNumbers, claimChunks } from './chunk/claims.ts';
import { createExistingTasks } from './chunk/existing-tasks.ts';
import { type ChunkWork, runChunk } from './chunk/run-chunk.ts';
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

  const release = ({ chunk }: Claim) => stores.objects.delete(keys.claim(job.id, plan.n, chunk)).catch(() => undefined);
  /** An error that the worker lives through is no crash of the chunk: its claim is given back, for this index or another. */
  const releasing = async <T>(claim: Claim, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      await release(claim);
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
    const claimer = createClaimer(claims, release);
    runner.warmUp();
    try {
      while (!signal.aborted) {
        const claim = await claimer.take();
        if (claim === undefined) break;
        const work = { ...options, signal, onSent: claimer.ask };
        const ran = await releasing(claim, async () => runClaim(claim, work, runner, await existing(), stores));
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
      await Promise.allSettled([...commits, claimer.giveBack()]);
      await runner.close();
    }
  };
  try {
    if (!(await isCurrent(job, plan, stores))) return 0;
    const work = [markRunning(job, stores), ...Array.from({ length: slots }, lane)].map((part) =>
      part.catch((error: unknown) => {
        failure.abort();
        throw error;
      }),
    );
    for (const part of await Promise.allSettled(work)) if (part.status === 'rejected') throw part.reason;
    if (!signal.aborted && (await isLastOut(job, plan, stores)) && (await isCurrent(job, plan, stores)))
      await finalise(options, guard, stores, done > 0);
  } finally {
    guard.stop();
  }
  return done;
}

async function runClaim(
  { chunk, isCrashed }: Claim,
  options: WorkerOptions & Pick<ChunkWork, 'onSent'>,
  runner: TaskRunner,
  existing: TaskIdSet,
  stores: Stores,
) {
  const { job, plan, index, name, log, onSent } = options;
  const work = { job, plan, chunk, index, existing, worker: name };
  if (!isCrashed) return runChunk({ ...work, skipped: new Set<number>(), ...(onSent && { onSent }) }, runner, stores);
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

/** A worker that ran chunks leaves a validation under way to the one that began it; started again after that one died, it has run none. */
async function finalise(
  { job, hosts, load, log }: WorkerOptions,
  guard: MemoryGuard,
  stores: Stores,
  leavesToOther: boolean,
): Promise<void> {
  const runner = createTaskRunner({ hosts, guard, load, valuesAt: () => ({}), maxAttempts: 2, now: stores.now });
  try {
    const state = await finaliseJob(job, stores, { evaluate: runner.evaluate, leavesToOther });
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
