import { isModelOpsError, type JobState, keys, ModelOpsError, planAttempt } from '@modelops/contracts';
import { finaliseJob, type Job, jsonBytes } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import { countRivals, orderBeside } from './count-rivals.ts';
import type { Division } from './plan-groups.ts';

export interface AttemptStart<D extends Division> {
  readonly n: number;
  /** Finds what is to run. */
  readonly divide: () => Promise<D>;
  readonly workers: number | undefined;
}

export interface StartedAttempt<D extends Division> {
  readonly state: JobState;
  readonly division: D;
  readonly chunks: number;
  readonly workers: number;
}

/**
 * Writes the plan of attempt `n` of a job that is `submitting` and starts its workers. What is to run is looked for now: only what a job in the
 * store expects is safe from `store gc`. Nothing to run: the job goes straight to validation, without an engine. What fails on the way makes
 * the job `failed`, with the reason, so that `resume` may take it up.
 */
export async function startAttempt<D extends Division>(
  job: Job,
  { n, divide, workers }: AttemptStart<D>,
  { stores, engine }: Pick<OpenEnvironment, 'stores' | 'engine'>,
): Promise<StartedAttempt<D>> {
  const { registry, objects, now } = stores;
  try {
    const division = await divide();
    const startedAt = new Date(now()).toISOString();
    const planned = planAttempt(n, division.groups, workers ?? engine.defaultWidth);
    const rivals = planned.chunks.length > 1 ? await countRivals(job, stores) : 0;
    const plan = rivals === 0 ? planned : { ...planned, order: orderBeside(rivals) };
    await objects.put(keys.plan(job.id, n), jsonBytes(plan));
    const isIdle = plan.chunks.length === 0;
    const attempt = { n, engine: isIdle ? 'none' : engine.name, k8s_name: null, tasks: plan.tasks, started_at: startedAt, ended_at: null };
    await registry.update(job.id, (state) => ({
      ...state,
      attempts: [...state.attempts, { ...attempt, ...(state.spec === undefined ? {} : { spec: state.spec }) }],
    }));
    if (isIdle) {
      await registry.transition(job.id, { to: 'scheduled' }, { reason: 'every result exists' });
      return { state: await finaliseJob(job, stores), division, chunks: 0, workers: 0 };
    }
    const { name } = await engine.start(job.spec, plan);
    await registry.update(job.id, (state) => ({
      ...state,
      attempts: state.attempts.map((at) => (at.n === n ? { ...at, k8s_name: name } : at)),
    }));
    const state = await becomeScheduled(job, stores);
    // Cancelled while the workers were being started: whoever did that may not have seen them.
    if (state.status === 'cancelled') await engine.stop(job.id, attempt);
    return { state, division, chunks: plan.chunks.length, workers: plan.width };
  } catch (error) {
    await failSubmission(job, stores, error);
    throw notStarted(job, error);
  }
}

/** A worker may have been quicker and moved the job on already. */
async function becomeScheduled(job: Job, { registry }: OpenEnvironment['stores']): Promise<JobState> {
  const state = await registry.state(job.id);
  if (state.status !== 'submitting') return state;
  try {
    return await registry.transition(job.id, { to: 'scheduled' });
  } catch {
    return registry.state(job.id);
  }
}

/** The same failure; what it leaves is a job, so that nobody need submit it again. */
function notStarted({ id }: Job, error: unknown): unknown {
  if (!isModelOpsError(error)) return error;
  const { code, message, cause, problems, details } = error;
  const resume = `mops jobs resume ${id}`;
  const hint = error.hint === undefined ? resume : `${error.hint}; then ${resume}`;
  return new ModelOpsError(code, `${id} is not started: ${message}`, { hint, cause, problems, details });
}

async function failSubmission(job: Job, { registry }: OpenEnvironment['stores'], error: unknown): Promise<void> {
  try {
    await registry.transition(job.id, { to: 'failed' }, { reason: 'the engine did not start', set: { error: (error as Error).message } });
  } catch {} // the store is out of reach, or a worker moved it on: `sync` judges it by its outputs
}
