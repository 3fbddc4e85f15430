import { isModelOpsError, isTerminal, type JobId, type JobState } from '@modelops/contracts';
import type { OpenEnvironment } from '../deps.ts';

/** Ends a job that has not ended and stops its workers; results stay. A job that ended at the same moment keeps its end. */
export async function cancelJob(
  job: JobId,
  { stores: { registry, now }, engine }: Pick<OpenEnvironment, 'stores' | 'engine'>,
): Promise<{ readonly job: JobId; readonly before: JobState['status']; readonly status: JobState['status'] }> {
  const before = await registry.state(job);
  const { status } = isTerminal(before.status) ? before : await cancelOrSee(job, registry);
  const attempt = before.attempts.at(-1);
  if (attempt !== undefined && attempt.engine !== 'none') await engine.stop(job, attempt);
  if (status === 'cancelled' && attempt?.ended_at === null) {
    const ended_at = new Date(now()).toISOString();
    const ended = (held: JobState['attempts'][number]) => (held.n === attempt.n ? { ...held, ended_at: held.ended_at ?? ended_at } : held);
    await registry.update(job, (state) => ({ ...state, attempts: state.attempts.map(ended) }));
  }
  return { job, before: before.status, status };
}

async function cancelOrSee(job: JobId, registry: OpenEnvironment['stores']['registry']): Promise<JobState> {
  try {
    return await registry.transition(job, { to: 'cancelled' }, { reason: 'mops jobs cancel' });
  } catch (error) {
    if (!isModelOpsError(error, 'ILLEGAL_TRANSITION')) throw error;
    return registry.state(job);
  }
}
