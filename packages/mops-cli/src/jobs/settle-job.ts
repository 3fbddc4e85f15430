import { isModelOpsError, isTerminal, type JobEvent, type JobState } from '@modelops/contracts';
import type { Job } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { EngineView } from '../engines/engine.ts';
import { hasSubmitterEnded, observeJob, submittedElsewhere } from './observe-job.ts';
import type { Evaluator } from './open-evaluator.ts';
import { planRepair, type Repair } from './plan-repair.ts';

/** A job's record compared with its workers. */
export interface Diagnosis {
  readonly state: JobState;
  /** The engine's view of the current attempt; undefined if nothing was started. */
  readonly view: EngineView | undefined;
  /** What `mops jobs sync` would do. */
  readonly repair: Repair;
  /** The other machine that makes the submission, for display. */
  readonly submittedElsewhere: string | undefined;
}

/** Compares a job with its engine. Writes nothing. */
export async function diagnoseJob(
  state: JobState,
  { stores, engine, machine }: Pick<OpenEnvironment, 'stores' | 'engine' | 'machine'>,
): Promise<Diagnosis> {
  const view = await observeJob(state, engine);
  // A worker may have finalised the job after `state` was read.
  const isOver = view?.phase === 'ended' || view?.phase === 'gone';
  const now = isOver ? await stores.registry.state(state.job_id) : state;
  const elsewhere = submittedElsewhere(now, machine);
  const repair = planRepair(
    now,
    { view, isSubmittedElsewhere: elsewhere !== undefined, hasSubmitterEnded: hasSubmitterEnded(now) },
    stores.now(),
  );
  return { state: now, view, repair, submittedElsewhere: elsewhere };
}

/** Compares a job with its engine and makes the repair that no other process will make, if allowed. */
export async function settleJob(
  job: Job,
  state: JobState,
  opened: OpenEnvironment,
  isAllowed: (repair: Repair) => boolean = () => true,
): Promise<Diagnosis> {
  const found = await diagnoseJob(state, opened);
  if (found.repair === 'none' || !isAllowed(found.repair)) return found;
  return { ...found, state: await applyRepair(found.repair, job, found.state, opened) };
}

async function applyRepair(repair: Exclude<Repair, 'none'>, job: Job, state: JobState, opened: OpenEnvironment): Promise<JobState> {
  const { registry } = opened.stores;
  const submitting: JobEvent[] = state.status === 'pending' ? [{ to: 'submitting' }] : [];
  switch (repair) {
    case 'abandon': {
      const reason = `its submission stopped before any worker started; last update at ${state.updated_at}`;
      return moveOn(job, [...submitting, { to: 'failed' }], reason, registry);
    }
    case 'adopt':
      return moveOn(job, [...submitting, { to: 'scheduled' }], 'its submission stopped after the workers had started', registry);
    case 'validate': {
      const isSubmission = state.status === 'pending' || state.status === 'submitting';
      const at = isSubmission ? await moveOn(job, [...submitting, { to: 'scheduled' }], 'its workers have ended', registry) : state;
      return isTerminal(at.status) ? at : validateByOutputs(job, opened);
    }
  }
}

/** The state after the events, or the state that another command moved it to. */
async function moveOn(
  job: Job,
  events: readonly JobEvent[],
  reason: string,
  registry: OpenEnvironment['stores']['registry'],
): Promise<JobState> {
  try {
    for (const event of events) {
      const isFailed = 'to' in event && event.to === 'failed';
      await registry.transition(job.id, event, { reason, ...(isFailed ? { error: reason } : {}) });
    }
  } catch (error) {
    if (!isModelOpsError(error, 'ILLEGAL_TRANSITION')) throw error;
  }
  return registry.state(job.id);
}

/** Finalises the job on this machine; evaluates missing aggregations on hosts of this machine. @throws MODEL_INVALID if the model does not load */
export async function validateByOutputs(job: Job, opened: OpenEnvironment): Promise<JobState> {
  // The promise is stored, not its value, so that concurrent evaluations share one host. Most validations load and need none.
  let evaluator: Promise<Evaluator> | undefined;
  const evaluatorOf = () => {
    evaluator ??= import('./open-evaluator.ts').then(({ openEvaluator }) => openEvaluator(job, opened));
    return evaluator;
  };
  try {
    const { finaliseJob } = await import('@modelops/worker/finalise');
    return await finaliseJob(job, opened.stores, {
      evaluate: async (target, outputs) => (await evaluatorOf()).evaluate(target, outputs),
    });
  } catch (error) {
    if (evaluator === undefined) throw error;
    const { asModelError } = await import('./open-evaluator.ts');
    throw asModelError(error, job.spec.study.model);
  } finally {
    await evaluator?.then(({ close }) => close()).catch(() => undefined);
  }
}
