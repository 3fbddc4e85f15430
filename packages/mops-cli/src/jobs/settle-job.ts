import { isModelOpsError, isTerminal, type JobState } from '@modelops/contracts';
import { createMemoryGuard, createTaskRunner, finaliseJob, type Job, openHosts } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { EngineView } from '../engines/engine.ts';

export interface Settled {
  readonly before: JobState['status'];
  readonly state: JobState;
  readonly view: EngineView | undefined;
}

/** How long a job may stay without a registered attempt before its submitter is taken for dead. */
const SUBMIT_PATIENCE_MS = 60_000;

/**
 * Compares a job with its engine and repairs what nobody else will (PITFALLS 10): a job whose workers have all ended is validated by its
 * outputs; a submission whose submitter died becomes `failed`. `validate: false` only looks.
 */
export async function settleJob(
  job: Job,
  state: JobState,
  opened: OpenEnvironment,
  { validate = true }: { readonly validate?: boolean } = {},
): Promise<Settled> {
  const before = state.status;
  if (isTerminal(before)) return { before, state, view: undefined };
  const { stores, engine } = opened;
  const attempt = state.attempts.at(-1);
  if (attempt === undefined) {
    const isAbandoned = stores.now() - Date.parse(state.updated_at) > SUBMIT_PATIENCE_MS;
    return { before, state: isAbandoned && validate ? await abandon(job, state, opened) : state, view: undefined };
  }
  const view = attempt.engine === 'none' ? undefined : await engine.observe(job.id, attempt);
  const hasEnded = view === undefined || view.phase === 'ended' || view.phase === 'gone';
  if (!hasEnded || !validate) return { before, state, view };
  // The last worker may have finalised between the two looks.
  const now = await stores.registry.state(job.id);
  if (isTerminal(now.status)) return { before, state: now, view };
  return { before, state: await validateByOutputs(job, now, opened), view };
}

async function abandon(job: Job, state: JobState, { stores: { registry } }: OpenEnvironment): Promise<JobState> {
  try {
    const at = state.status === 'pending' ? await registry.transition(job.id, { to: 'submitting' }) : state;
    return at.status === 'submitting'
      ? await registry.transition(job.id, { to: 'failed' }, { reason: 'the submission was abandoned' })
      : at;
  } catch (error) {
    if (!isModelOpsError(error, 'ILLEGAL_TRANSITION')) throw error;
    return registry.state(job.id);
  }
}

/** Finalises here, on hosts of this machine where sets lack only their aggregation. */
export async function validateByOutputs(job: Job, state: JobState, { stores, environment, cacheDir }: OpenEnvironment): Promise<JobState> {
  if (state.status === 'submitting') await stores.registry.transition(job.id, { to: 'scheduled' });
  const guard = createMemoryGuard();
  let runner: ReturnType<typeof createTaskRunner> | undefined;
  const open = async () => {
    const { hosts, load } = await openHosts(job, { environment, cacheDir, onOutput: () => undefined });
    runner = createTaskRunner({ hosts, guard, load, valuesAt: () => ({}), maxAttempts: 2, now: stores.now });
    return runner;
  };
  try {
    return await finaliseJob(job, stores, { evaluate: async (target, table) => (runner ?? (await open())).evaluate(target, table) });
  } finally {
    await runner?.close();
    guard.stop();
  }
}
