import { keys } from '@modelops/contracts';
import type { MemoryGuard } from '@modelops/model-host';
import type { TaskIdSet } from '@modelops/store';
import { announcing, openCaution } from './caution.ts';
import type { ChunkDone } from './chunk/chunk-record.ts';
import type { Claim } from './chunk/claims.ts';
import { type RanChunk, runChunk } from './chunk/run-chunk.ts';
import { createTaskRunner, Interrupted, type TaskRunner } from './chunk/task-runner.ts';
import type { Stores } from './job-context.ts';
import type { WorkerOptions } from './worker-options.ts';

/** State shared by the lanes of a worker. */
export interface Lanes {
  readonly claims: AsyncIterator<Claim, void, void>;
  /** The tasks that have results, as of the last listing. */
  readonly existing: () => Promise<TaskIdSet>;
  readonly guard: MemoryGuard;
  readonly onDone: () => void;
}

/** Number of chunks per lane whose results may be waiting for the disk or the network. */
const COMMITS_UNDER_WAY = 4;

/** Runs chunks on one warm host until none is left to claim or the signal aborts. @throws LoadFailed, and errors of the stores */
export async function runLane(options: WorkerOptions, { claims, existing, guard, onDone }: Lanes, stores: Stores): Promise<void> {
  const { job, plan, load, hosts, signal, log } = options;
  /** If the worker survives an error, the chunk did not crash: its claim is released for this index or another. */
  const releasing = async <T>(claim: Claim, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      await stores.objects.delete(keys.claim(job.id, plan.n, claim.chunk)).catch(() => undefined);
      throw error;
    }
  };
  const runner = createTaskRunner({
    hosts,
    guard,
    load,
    valuesAt: (set) => job.tasks.paramsAt(set).values,
    maxAttempts: job.spec.binding.max_attempts,
    now: stores.now,
    signal,
  });
  // A chunk runs while earlier ones are written: a write waits for the disk, a run for the host.
  const commits = new Set<Promise<void>>();
  runner.warmUp();
  try {
    while (!signal.aborted) {
      // Claim only when the host is free: an earlier claim would keep the chunk from idle workers.
      const { value: claim } = await claims.next();
      if (!claim) break;
      const ran = await releasing(claim, async () => runClaim(claim, options, runner, await existing(), stores));
      const commit = releasing(claim, async () => {
        const record = await ran.commit();
        onDone();
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
}

async function runClaim(
  { chunk, isCrashed }: Claim,
  options: WorkerOptions,
  runner: TaskRunner,
  existing: TaskIdSet,
  stores: Stores,
): Promise<RanChunk> {
  const { job, plan, index, name, log } = options;
  const work = { job, plan, chunk, index, existing, worker: name };
  if (!isCrashed) return runChunk({ ...work, skipped: new Set<number>() }, runner, stores);
  log(`chunk ${chunk}: its worker died in it; its tasks run one at a time`);
  const caution = await openCaution(job, plan.n, chunk, stores, name);
  return runChunk({ ...work, skipped: caution.fatal }, announcing(runner, caution, options.signal), stores);
}

function describeChunk({ chunk, computed, reused, failed, started_at, ended_at }: ChunkDone): string {
  const failures = Object.values(failed).reduce((a, b) => a + b, 0);
  return `chunk ${chunk}: ${computed} computed, ${reused} reused, ${failures} failed, ${(Date.parse(ended_at) - Date.parse(started_at)) / 1000} s`;
}
