import { type Attempt, type AttemptPlan, isModelOpsError, isTerminal, type JobId, type JobState, keys } from '@modelops/contracts';
import { chunkNumbers, createJob, type Job, readPlan } from '@modelops/worker';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { EngineProblem } from '../engines/engine.ts';
import { whereElse } from './observe-job.ts';
import { lacksManifest } from './plan-repair.ts';
import { settleJob } from './settle-job.ts';

export interface JobProgress {
  readonly done: number;
  readonly total: number;
}

const SOONEST_MS = 50;
const LATEST_MS = { local: 250, kubernetes: 2000 };
/** Interval between polls of the engine. */
const ENGINE_LOOK_MS = 2000;
/** How long a store or an engine may be unreachable before a wait fails. */
const LOST_PATIENCE_MS = 600_000;

export interface WaitOptions {
  /** Milliseconds; undefined waits for ever. */
  readonly timeoutMs: number | undefined;
  readonly onProgress: (progress: JobProgress, state: JobState) => void;
  /** Called at each poll of the engine with the workers' problems. */
  readonly onProblem: (problem: EngineProblem) => void;
}

/**
 * Waits until the job is terminal, the time is over, or Ctrl-C; in the last two cases the job goes on. A record from before manifests is not
 * waited for: nothing here can determine its end. Returns its last state. A store or engine that cannot be reached is reported as a problem;
 * after ten minutes of that the wait fails.
 */
export async function waitForJob(
  id: JobId,
  { timeoutMs, onProgress, onProblem }: WaitOptions,
  opened: OpenEnvironment,
  { signal, sleep, clock }: Pick<MopsDeps, 'signal' | 'sleep' | 'clock'>,
): Promise<JobState> {
  const startedAt = clock();
  const look = createLook(id, opened, { clock, onProgress, onProblem });
  let pause = SOONEST_MS;
  let lostAt: number | undefined;
  let attempt: Attempt | undefined;
  let isHere = false;
  for (;;) {
    const isOver = () => signal.aborted || (timeoutMs !== undefined && clock() - startedAt >= timeoutMs);
    try {
      const state = await look();
      lostAt = undefined;
      if (state.attempts.at(-1)?.n !== attempt?.n) {
        attempt = state.attempts.at(-1);
        isHere = attempt !== undefined && (await whereElse(attempt, opened.engine)) === undefined;
      }
      if (isTerminal(state.status) || lacksManifest(state) || isOver()) return state;
    } catch (error) {
      lostAt ??= clock();
      if (!isModelOpsError(error) || !error.retryable || isOver() || clock() - lostAt >= LOST_PATIENCE_MS) throw error;
      onProblem({ reason: 'Unreachable', message: error.message });
    }
    await ((attempt && isHere && opened.engine.untilWorkerEnds?.(id, attempt, pause)) || sleep(pause));
    pause = Math.min(LATEST_MS[opened.engine.name], pause * 1.3);
  }
}

/** Polls the job, and less often its engine. */
function createLook(
  id: JobId,
  opened: OpenEnvironment,
  { clock, onProgress, onProblem }: Omit<WaitOptions, 'timeoutMs'> & Pick<MopsDeps, 'clock'>,
): () => Promise<JobState> {
  const { registry } = opened.stores;
  const progressOf = createProgressReader(id, opened);
  let job: Promise<Job> | undefined;
  let lookedAt = clock();
  return async () => {
    let state = await registry.state(id);
    if (!isTerminal(state.status) && clock() - lookedAt >= ENGINE_LOOK_MS) {
      lookedAt = clock();
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

/** Tasks done in the current attempt, by its chunks' `done` objects; what earlier attempts and jobs gave counts as done. */
export function createProgressReader(id: JobId, { stores }: Pick<OpenEnvironment, 'stores'>): (state: JobState) => Promise<JobProgress> {
  const plans = new Map<Attempt['n'], { plan: AttemptPlan; weights: number[] }>();
  return async (state) => {
    const total = state.tasks_total;
    // The outputs of a cancelled job have not been verified.
    if (isTerminal(state.status) && state.status !== 'cancelled') return { done: state.tasks_verified, total };
    const attempt = state.attempts.at(-1);
    if (attempt === undefined || attempt.engine === 'none') return { done: 0, total };
    let known = plans.get(attempt.n);
    if (known === undefined) {
      const plan = await readPlan(stores.objects, id, attempt.n);
      known = { plan, weights: plan.chunks.map((ranges) => ranges.reduce((sum, [start, end]) => sum + end - start, 0)) };
      plans.set(attempt.n, known);
    }
    let ran = 0;
    for (const chunk of await chunkNumbers(stores.objects, keys.dones(id, attempt.n))) ran += known.weights[chunk]!;
    return { done: Math.min(total, total - attempt.tasks + ran), total };
  };
}
