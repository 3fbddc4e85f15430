import { isModelOpsError, isTerminal, type JobEvent, type JobState } from '@modelops/contracts';
import { createTaskRunner, finaliseJob, guardJob, type Job, openHosts } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { EngineView } from '../engines/engine.ts';
import { currentAttempt, planRepair, type Repair } from './plan-repair.ts';

export interface Settled {
  readonly before: JobState['status'];
  readonly state: JobState;
  /** What the engine says of the current attempt; undefined where nothing was started. */
  readonly view: EngineView | undefined;
  /** What was found to be needed. */
  readonly repair: Repair;
}

/** Compares a job with its engine, and repairs what nobody else will (PITFALLS 10), where the repair is allowed. */
export async function settleJob(
  job: Job,
  state: JobState,
  opened: OpenEnvironment,
  isAllowed: (repair: Repair) => boolean = () => true,
): Promise<Settled> {
  const { stores, engine } = opened;
  const before = state.status;
  const attempt = currentAttempt(state);
  const isIdle = attempt === undefined || attempt.engine === 'none';
  const view = isIdle ? undefined : await engine.observe(job.id, attempt);
  // The last worker may have finalised between the two looks.
  const isOver = view?.phase === 'ended' || view?.phase === 'gone';
  const now = isOver ? await stores.registry.state(job.id) : state;
  const repair = planRepair(now, view, stores.now());
  if (repair === 'none' || !isAllowed(repair)) return { before, state: now, view, repair };
  return { before, state: await applyRepair(repair, job, now, opened), view, repair };
}

async function applyRepair(repair: Exclude<Repair, 'none'>, job: Job, state: JobState, opened: OpenEnvironment): Promise<JobState> {
  const { registry } = opened.stores;
  const submitting: JobEvent[] = state.status === 'pending' ? [{ to: 'submitting' }] : [];
  switch (repair) {
    case 'abandon':
      return moveOn(job, [...submitting, { to: 'failed' }], 'the submission was abandoned', registry);
    case 'adopt':
      return moveOn(job, [...submitting, { to: 'scheduled' }], 'its submitter died after it had started the workers', registry);
    case 'validate': {
      const isSubmission = state.status === 'pending' || state.status === 'submitting';
      const at = isSubmission ? await moveOn(job, [...submitting, { to: 'scheduled' }], 'its workers have ended', registry) : state;
      return isTerminal(at.status) ? at : validateByOutputs(job, opened);
    }
  }
}

/** The state after the events, or what another has made of it meanwhile. */
async function moveOn(
  job: Job,
  events: readonly JobEvent[],
  reason: string,
  registry: OpenEnvironment['stores']['registry'],
): Promise<JobState> {
  try {
    for (const event of events) await registry.transition(job.id, event, { reason });
  } catch (error) {
    if (!isModelOpsError(error, 'ILLEGAL_TRANSITION')) throw error;
  }
  return registry.state(job.id);
}

/** Finalises here, on hosts of this machine where sets lack only their aggregation. */
export async function validateByOutputs(job: Job, { stores, environment, cacheDir }: OpenEnvironment): Promise<JobState> {
  const guard = guardJob(job);
  const open = async () => {
    const { hosts, load } = await openHosts(job, { environment, cacheDir, onOutput: () => undefined });
    return createTaskRunner({ hosts, guard, load, valuesAt: () => ({}), maxAttempts: 2, now: stores.now });
  };
  // The promise is kept, not what it gives: several evaluations ask for the runner at once, and each one of its own would leave a host behind.
  let opened: ReturnType<typeof open> | undefined;
  const runner = () => {
    opened ??= open();
    return opened;
  };
  try {
    return await finaliseJob(job, stores, { evaluate: async (target, table) => (await runner()).evaluate(target, table) });
  } finally {
    await opened?.then(({ close }) => close()).catch(() => undefined);
    guard.stop();
  }
}
