import { type AttemptPlan, keys } from '@modelops/contracts';
import type { HostStarter, LoadMessage, MemoryGuard } from '@modelops/model-host';
import type { TaskIdSet } from '@modelops/store';
import { iterateConcurrently } from '@modelops/system';
import { announcing, openCaution, refusingTargets } from './caution.ts';
import type { Claim } from './chunk/claims.ts';
import type { ChunkDone } from './chunk/done-records.ts';
import type { JobColumns } from './chunk/job-columns.ts';
import type { KeptOutputs } from './chunk/pack-buffer.ts';
import { type ChunkWork, type RanChunk, runChunk } from './chunk/run-chunk.ts';
import { createTaskRunner, Interrupted, type TaskRunner } from './chunk/task-runner.ts';
import type { Job, Stores } from './job-context.ts';

/** Options of one worker of an attempt. */
export interface WorkerOptions {
  readonly job: Job;
  readonly plan: AttemptPlan;
  readonly index: number;
  readonly slots: number;
  /** Name of this worker in claims and rows: host and process. */
  readonly name: string;
  readonly load: LoadMessage;
  readonly hosts: HostStarter;
  /** Aborted on SIGTERM: finished results are written, and the rest of the chunk is left to the next worker. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** State shared by the lanes of a worker. */
export interface Lanes {
  readonly claims: AsyncIterator<Claim, void, void> | Iterator<Claim, void, void>;
  /** The tasks that have results, as of the last listing. */
  readonly existing: () => Promise<TaskIdSet>;
  readonly guard: MemoryGuard;
  readonly memory: KeptOutputs;
  readonly columns: JobColumns;
  readonly onDone: () => void;
  /** Targets that killed a worker: they fail without being evaluated. */
  readonly fatal?: ReadonlySet<string> | undefined;
  /** Runs no task while the targets of an earlier chunk are evaluated: what ends the worker is then the doing of one of them. Default: false. */
  readonly isCautious?: boolean;
}

/** Maximum number of uncommitted chunks of a lane, including the one that runs. */
const CONCURRENT_COMMITS = 4;

/** Runs chunks on one warm host until none is left to claim or the signal aborts. @throws LoadFailed, and errors of the stores */
export async function runLane(
  worker: WorkerOptions,
  { claims, existing, guard, memory, columns, onDone, fatal = new Set(), isCautious = false }: Lanes,
  stores: Stores,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([worker.signal, failed.signal]);
  const options = { ...worker, signal };
  const { job, plan, load, hosts, log } = options;
  const pending = new Set<Promise<unknown>>();
  const claimNext = async () => {
    const { value: claim } = await claims.next();
    if (!claim) return undefined;
    const known = existing();
    known.catch(() => undefined); // awaited when the chunk runs
    return { claim, known };
  };
  const release = ({ chunk }: Claim) => stores.objects.delete(keys.claim(job.id, plan.n, chunk)).catch(() => undefined);
  /** If the worker survives an error, the chunk did not crash: its claim is released for this index or another. */
  const releasing = <T>(claim: Claim, action: () => Promise<T>): Promise<T> => {
    const ended = action().catch(async (error: unknown) => {
      failed.abort(error); // the chunk that runs meanwhile stops too
      await release(claim);
      throw error;
    });
    pending.add(ended);
    const forget = () => void pending.delete(ended);
    ended.then(forget, forget);
    return ended;
  };
  const made = createTaskRunner({
    hosts,
    guard,
    load,
    valuesAt: (set) => job.tasks.paramsAt(set).values,
    maxAttempts: job.spec.binding.max_attempts,
    now: stores.now,
    signal,
  });
  const runner = { ...made, evaluate: refusingTargets(made.evaluate, fatal) };
  async function* ranChunks() {
    let next: ReturnType<typeof claimNext> | undefined;
    try {
      while (!signal.aborted) {
        const claimed = await (next ?? claimNext());
        next = undefined;
        if (claimed === undefined) return;
        const { claim, known } = claimed;
        // Claims only when the host will soon be free: an earlier claim would keep the chunk from idle workers.
        const onNearEnd = () => {
          next = claimNext();
          next.catch(() => undefined); // awaited for the next chunk
        };
        const run = async () => runClaim(claim, options, { runner, memory, columns, onNearEnd, existing: await known }, stores);
        yield { claim, ran: await releasing(claim, run) };
      }
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    } finally {
      const unused = await next?.catch(() => undefined);
      if (unused !== undefined) await release(unused.claim);
    }
  }
  const commit = ({ claim, ran }: { claim: Claim; ran: RanChunk }) => releasing(claim, () => ran.commit());
  runner.warmUp();
  try {
    // A chunk runs while earlier ones are written: a write waits for the disk, a run for the host.
    for await (const record of iterateConcurrently(ranChunks(), isCautious ? 1 : CONCURRENT_COMMITS, commit)) {
      onDone();
      log(describeChunk(record));
    }
  } finally {
    await Promise.allSettled(pending);
    await runner.close();
  }
}

type ClaimedWork = { readonly runner: TaskRunner; readonly existing: TaskIdSet } & Pick<ChunkWork, 'memory' | 'columns' | 'onNearEnd'>;

async function runClaim(
  { chunk, isCrashed }: Claim,
  options: WorkerOptions,
  { runner, existing, ...shared }: ClaimedWork,
  stores: Stores,
): Promise<RanChunk> {
  const { job, plan, index, name, log } = options;
  const work = { job, plan, chunk, index, existing, worker: name, ...shared };
  if (!isCrashed) return runChunk({ ...work, skipped: new Set<number>() }, runner, stores);
  log(`chunk ${chunk}: its worker died in it; its tasks run one at a time`);
  const caution = await openCaution(job, plan.n, chunk, { stores, worker: name });
  return runChunk({ ...work, skipped: caution.fatal }, announcing(runner, caution, options.signal), stores);
}

function describeChunk({ chunk, computed, reused, failed, started_at, ended_at }: ChunkDone): string {
  const failures = Object.values(failed).reduce((a, b) => a + b, 0);
  return `chunk ${chunk}: ${computed} computed, ${reused} reused, ${failures} failed, ${(Date.parse(ended_at) - Date.parse(started_at)) / 1000} s`;
}
