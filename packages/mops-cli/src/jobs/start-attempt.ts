import {
  type AttemptPlan,
  answering,
  isModelOpsError,
  type JobId,
  type JobState,
  jsonBytes,
  keys,
  ModelOpsError,
  messageOf,
  planAttempt,
} from '@modelops/contracts';
import type { JobRegistry, Submission } from '@modelops/store';
import type { Job } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { RequestedWidth } from '../engines/engine.ts';
import { countRivals, orderBeside } from './count-rivals.ts';
import type { Division } from './plan-groups.ts';

export interface AttemptStart<D extends Division> {
  /** The lowest number that the attempt may have. */
  readonly n: number;
  /** The transition that made the job `submitting`. */
  readonly submission: Submission;
  /** Finds the tasks to run. */
  readonly divide: () => Promise<D>;
  /** The requested number of workers and slots. */
  readonly width: RequestedWidth;
  /** Once aborted, nothing is started. */
  readonly signal?: AbortSignal | undefined;
  /** Called just before the workers are started, which cannot be interrupted. */
  readonly onStarting?: (() => void) | undefined;
}

export interface StartedAttempt<D extends Division> {
  readonly state: JobState;
  readonly n: number;
  readonly division: D;
  readonly chunks: number;
  readonly workers: number;
}

type World = Pick<OpenEnvironment, 'stores' | 'engine'>;

/** A quarter of the time after which a submission without renewal may be ended by others. */
const RENEWAL_MS = 15_000;

/**
 * Writes the plan of a new attempt of a `submitting` job and starts its workers. The tasks are divided here, after the job was stored, because
 * `store gc` keeps only results that a stored job expects. With nothing to run, the job is validated at once, without an engine. An error makes
 * the job `failed`, with the reason, so that `resume` can continue it; an error after the workers were started does not change the job.
 * @throws CONFLICT if another command has ended the submission: nothing is started then
 */
export async function startAttempt<D extends Division>(
  job: Job,
  start: AttemptStart<D>,
  { stores, engine, renewEveryMs = RENEWAL_MS }: World & { readonly renewEveryMs?: number },
): Promise<StartedAttempt<D>> {
  const { registry } = stores;
  const renewal = renewSubmission(job.id, start.submission, registry, renewEveryMs);
  let hasStarted = false;
  try {
    const division = await start.divide();
    const plan = await writePlan(job, { ...start, division }, { stores, engine, check: renewal.check });
    const isIdle = plan.chunks.length === 0;
    if (start.signal?.aborted) throw new ModelOpsError('INTERRUPTED', 'interrupted before any worker started');
    start.onStarting?.();
    await registry.beginAttempt(job.id, await attemptOf(plan, isIdle, { stores, engine }), start.submission);
    renewal.stop();
    if (isIdle) {
      await registry.transition(job.id, { to: 'scheduled' }, { reason: 'every result exists' });
      const { finaliseJob } = await import('@modelops/worker/finalise');
      return { state: await finaliseJob(job, stores), n: plan.n, division, chunks: 0, workers: 0 };
    }
    const { name } = await engine.start(job.spec, plan);
    hasStarted = true;
    await registry.nameAttempt(job.id, plan.n, name);
    const state = await becomeScheduled(job, stores);
    // Cancelled while the workers were being started: the cancelling command may not have seen them.
    if (state.status === 'cancelled') await engine.stop(job.id, plan);
    return { state, n: plan.n, division, chunks: plan.chunks.length, workers: plan.width };
  } catch (error) {
    if (hasStarted) throw notRecorded(job, error);
    await failSubmission(job, start.submission, error, stores);
    throw notStarted(job, error);
  } finally {
    renewal.stop();
  }
}

/** Renews the record of a submission until it is stopped, so that a slow one is not mistaken for a dead one. `check` throws CONFLICT if it was ended. */
function renewSubmission(job: JobId, submission: Submission, registry: JobRegistry, everyMs: number) {
  const renew = () => registry.renewSubmission(job, submission);
  const timer = setInterval(() => {
    renew().catch((error: unknown) => {
      // An outage of the store may pass; the next check reports a lost submission.
      if (isModelOpsError(error, 'CONFLICT')) clearInterval(timer);
    });
  }, everyMs);
  timer.unref();
  return { check: renew, stop: () => clearInterval(timer) };
}

/** Writes the plan under the first free number, so that concurrent resumes never share an attempt. */
async function writePlan<D extends Division>(
  job: Job,
  { n: first, division, width }: AttemptStart<D> & { readonly division: D },
  { stores, engine, check }: World & { readonly check: () => Promise<void> },
): Promise<AttemptPlan> {
  const planned = planAttempt(first, division.groups, engine.widthOf(width));
  const rivals = planned.chunks.length > 1 ? await countRivals(job, stores) : 0;
  for (let n = first; ; n++) {
    await check();
    const plan = { ...planned, n, ...(rivals === 0 ? {} : { order: orderBeside(rivals) }) };
    if ((await stores.objects.put(keys.plan(job.id, n), jsonBytes(plan), { ifAbsent: true })) !== 'conflict') return plan;
  }
}

async function attemptOf({ n, tasks }: AttemptPlan, isIdle: boolean, { stores, engine }: World) {
  const started_at = new Date(stores.now()).toISOString();
  if (isIdle) return { n, engine: 'none', owner: null, namespace: null, tasks, started_at };
  const owner = await engine.owner();
  return { n, engine: engine.name, owner, namespace: owner.kind === 'cluster' ? owner.namespace : null, tasks, started_at };
}

/** A worker may already have changed the state. */
async function becomeScheduled(job: Job, { registry }: OpenEnvironment['stores']): Promise<JobState> {
  const state = await registry.state(job.id);
  if (state.status !== 'submitting') return state;
  return registry.transition(job.id, { to: 'scheduled' }).catch(answering(() => registry.state(job.id), 'ILLEGAL_TRANSITION'));
}

/** The error for a job whose workers were started: they update the record themselves. */
function notRecorded({ id }: Job, error: unknown): unknown {
  if (!isModelOpsError(error)) return error;
  const message = `the workers of ${id} were started, but its record was not updated: ${error.message}`;
  return new ModelOpsError(error.code, message, { ...error, cause: error.cause, hint: `mops jobs status ${id}` });
}

/** The error for a job that was not started, with the command that continues it. */
function notStarted({ id }: Job, error: unknown): unknown {
  if (!isModelOpsError(error)) return error;
  const { code, message, cause } = error;
  const resume = `mops jobs resume ${id}`;
  const next = error.hint === undefined || code === 'INTERRUPTED' ? resume : `${error.hint}; then ${resume}`;
  return new ModelOpsError(code, `${id} was not started: ${message}`, { ...error, cause, hint: code === 'CONFLICT' ? error.hint! : next });
}

async function failSubmission(job: Job, submission: Submission, error: unknown, { registry }: OpenEnvironment['stores']): Promise<void> {
  const reason = messageOf(error);
  // If the store is unreachable, or another command owns the submission, the caller's error is the one to show.
  await registry.transition(job.id, { to: 'failed' }, { reason, error: reason, submission }).catch(answering(() => undefined));
}
