import { type Attempt, isModelOpsError, isTerminal, type JobId, type JobState } from '@modelops/contracts';
import { createJob, type Job, readDones } from '@modelops/worker';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { EngineProblem } from '../engines/engine.ts';
import { whereElse } from './observe-job.ts';
import { lacksManifest } from './plan-repair.ts';
import { settleJob } from './settle-job.ts';

export interface JobProgress {
  /** Tasks with results. */
  readonly done: number;
  /** Tasks that the current attempt ran without a result. */
  readonly failed: number;
  readonly total: number;
}

const SOONEST_MS = 50;
const LATEST_MS = { local: 250, kubernetes: 2000 };
/** Interval between polls of the engine. */
const ENGINE_POLL_MS = 2000;
/** Maximum time that a store or an engine may be unreachable before a wait fails. */
const UNREACHABLE_TIMEOUT_MS = 600_000;

export interface WaitOptions {
  /** Milliseconds; undefined for no limit. */
  readonly timeoutMs: number | undefined;
  readonly onProgress: (progress: JobProgress, state: JobState) => void;
  /** Called at each poll of the engine with the workers' problems. */
  readonly onProblem: (problem: EngineProblem) => void;
}

/**
 * Waits until the job is terminal, the time is over, or Ctrl-C; in the last two cases the job continues. Returns its last state, at once for a
 * job without a manifest, whose end cannot be determined. An unreachable store or engine is reported as a problem; after ten minutes the
 * wait fails.
 */
export async function waitForJob(
  id: JobId,
  { timeoutMs, onProgress, onProblem }: WaitOptions,
  opened: OpenEnvironment,
  { signal, sleep, clock }: Pick<MopsDeps, 'signal' | 'sleep' | 'clock'>,
): Promise<JobState> {
  const startedAt = clock();
  const poll = createPoll(id, opened, { clock, onProgress, onProblem });
  let pause = SOONEST_MS;
  let lostAt: number | undefined;
  let attempt: Attempt | undefined;
  let isHere = false;
  for (;;) {
    const isOver = () => signal.aborted || (timeoutMs !== undefined && clock() - startedAt >= timeoutMs);
    try {
      const state = await poll();
      lostAt = undefined;
      if (state.attempts.at(-1)?.n !== attempt?.n) {
        attempt = state.attempts.at(-1);
        isHere = attempt !== undefined && (await whereElse(attempt, opened.engine)) === undefined;
      }
      if (isTerminal(state.status) || lacksManifest(state) || isOver()) return state;
    } catch (error) {
      lostAt ??= clock();
      if (!isModelOpsError(error) || !error.retryable || isOver() || clock() - lostAt >= UNREACHABLE_TIMEOUT_MS) throw error;
      onProblem({ reason: 'Unreachable', message: error.message });
    }
    await ((attempt && isHere && opened.engine.untilWorkerEnds?.(id, attempt, pause)) || sleep(pause));
    pause = Math.min(LATEST_MS[opened.engine.name], pause * 1.3);
  }
}

/** Polls the job, and less often its engine. */
function createPoll(
  id: JobId,
  opened: OpenEnvironment,
  { clock, onProgress, onProblem }: Omit<WaitOptions, 'timeoutMs'> & Pick<MopsDeps, 'clock'>,
): () => Promise<JobState> {
  const { registry } = opened.stores;
  const progressOf = createProgressReader(id, opened);
  let job: Promise<Job> | undefined;
  let polledAt = clock();
  return async () => {
    let state = await registry.state(id);
    if (!isTerminal(state.status) && clock() - polledAt >= ENGINE_POLL_MS) {
      polledAt = clock();
      job ??= registry.spec(id).then(createJob);
      job.catch(() => (job = undefined));
      const settled = await settleJob(await job, state, opened);
      state = settled.state;
      for (const problem of settled.view?.problems ?? []) onProblem(problem);
    }
    onProgress(await progressOf(state), state);
    return state;
  };
}

/**
 * Returns the progress of a job from the `done` records of its current attempt; tasks of earlier attempts and jobs count as done. Later calls
 * read only new records.
 */
export function createProgressReader(id: JobId, { stores }: Pick<OpenEnvironment, 'stores'>): (state: JobState) => Promise<JobProgress> {
  const read = new Set<string>();
  let current = { n: 0, ran: 0, failed: 0 };
  return async (state) => {
    const total = state.tasks_total;
    const attempt = state.attempts.at(-1);
    if (attempt !== undefined && attempt.n !== current.n) current = { n: attempt.n, ran: 0, failed: 0 };
    if (attempt !== undefined && attempt.engine !== 'none')
      for await (const { tasks, failed } of readDones(id, stores, { seen: read, attempt: attempt.n })) {
        current.ran += tasks;
        for (const count of Object.values(failed)) current.failed += count;
      }
    const failed = (done: number) => Math.min(current.failed, total - done);
    // The outputs of a cancelled job have not been verified.
    if (isTerminal(state.status) && state.status !== 'cancelled')
      return { done: state.tasks_verified, failed: failed(state.tasks_verified), total };
    if (attempt === undefined || attempt.engine === 'none') return { done: 0, failed: 0, total };
    const done = Math.max(0, Math.min(total, total - attempt.tasks + current.ran) - current.failed);
    return { done, failed: failed(done), total };
  };
}
