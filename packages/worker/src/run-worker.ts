import { messageOf } from '@modelops/contracts';
import type { MemoryGuard } from '@modelops/model-host';
import { isCurrent, isPlanDone, markRunning, whileCurrent } from './attempt-progress.ts';
import { announcingTargets, fatalTargets, openCaution, refusingTargets } from './caution.ts';
import { claimChunks, crashedChunks } from './chunk/claims.ts';
import { createExistingTasks } from './chunk/existing-tasks.ts';
import { createJobColumns } from './chunk/job-columns.ts';
import { createKeptOutputs } from './chunk/pack-buffer.ts';
import { createTaskRunner, guardJob, type TaskRunner } from './chunk/task-runner.ts';
import { finaliseJob } from './finalise/finalise-job.ts';
import type { Stores } from './job-context.ts';
import { runLane, type WorkerOptions } from './run-lane.ts';

/**
 * Works on an attempt: claims chunks, runs them on `slots` warm hosts, and finalises the job when all chunks are done. Does nothing if the job has
 * ended or a later attempt has begun. Returns the number of chunks it ran.
 */
export async function runWorker(options: WorkerOptions, stores: Stores): Promise<number> {
  const { job, plan, index, slots, name } = options;
  const guard = guardJob(job);
  // The first lane that fails stops the others, as SIGTERM does.
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const existing = createExistingTasks(() => stores.provenance.existing(job.sims), { now: stores.now, width: plan.width });
  const claiming = {
    job: job.id,
    n: plan.n,
    chunks: plan.chunks.length,
    index,
    width: plan.width,
    host: name,
    now: stores.now,
    order: plan.order,
  };
  let done = 0;
  const shared = { existing, guard, memory: createKeptOutputs(), columns: createJobColumns(job, stores), onDone: () => void done++ };
  /** A chunk in which a worker died runs alone, so another crash can be attributed to it. */
  const workAll = async () => {
    const crashed = await crashedChunks(stores.objects, claiming);
    if (crashed.length > 0) await runLane({ ...options, signal }, { ...shared, claims: crashed.values(), isCautious: true }, stores);
    if (signal.aborted) return;
    const fatal = crashed.length > 0 ? await fatalTargets(job, plan.n, stores) : undefined;
    const claims = whileCurrent(claimChunks(stores.objects, claiming), () => isCurrent(job, plan, stores), stores.now);
    const lanes = Array.from({ length: slots }, () => orStop(runLane({ ...options, signal }, { ...shared, claims, fatal }, stores)));
    for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason;
  };
  const orStop = (part: Promise<unknown>) =>
    part.catch((error: unknown) => {
      failure.abort();
      throw error;
    });

  try {
    if (!(await isCurrent(job, plan, stores))) return 0;
    for (const part of await Promise.allSettled([markRunning(job, stores), workAll()].map(orStop)))
      if (part.status === 'rejected') throw part.reason;
    if (!signal.aborted && (await isPlanDone(job, plan, stores)) && (await isCurrent(job, plan, stores)))
      await finalise(options, guard, stores, done > 0);
  } finally {
    guard.stop();
  }
  return done;
}

/** A worker that ran chunks leaves a running validation to the worker that began it. A worker restarted after that one died has run none. */
async function finalise(
  { job, plan, name, signal, hosts, load, log }: WorkerOptions,
  guard: MemoryGuard,
  stores: Stores,
  skipsBegun: boolean,
): Promise<void> {
  const runner = createTaskRunner({ hosts, guard, load, valuesAt: () => ({}), maxAttempts: 2, now: stores.now });
  try {
    // Opened for the first evaluation: most jobs have none left.
    let evaluate: Promise<TaskRunner['evaluate']> | undefined;
    const open = async () => {
      const caution = await openCaution(job, plan.n, plan.chunks.length, { stores, worker: name });
      return refusingTargets(announcingTargets(runner.evaluate, caution, signal), await fatalTargets(job, plan.n, stores));
    };
    const state = await finaliseJob(job, stores, {
      evaluate: async (target, outputs) => {
        evaluate ??= open();
        return (await evaluate)(target, outputs);
      },
      skipsBegun,
    });
    log(`job ${job.id}: ${state.status}`);
  } catch (error) {
    log(`job ${job.id}: finalisation failed, mops jobs sync repeats it: ${messageOf(error)}`);
    throw error;
  } finally {
    await runner.close();
  }
}
