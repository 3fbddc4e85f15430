import { isModelOpsError, isTerminal, type JobId, type JobState } from '@modelops/contracts';
import type { OpenEnvironment } from '../deps.ts';
import type { CancelReport } from '../documents/jobs.ts';
import { whereElse } from './observe-job.ts';

/** Ends an unfinished job and stops its workers; results are kept. A job that ended in the meantime keeps its status. */
export async function cancelJob(
  job: JobId,
  { stores: { registry }, engine }: Pick<OpenEnvironment, 'stores' | 'engine'>,
): Promise<CancelReport> {
  const before = await registry.state(job);
  const { status } = isTerminal(before.status) ? before : await cancelUnlessEnded(job, registry);
  const attempt = before.attempts.at(-1);
  if (attempt === undefined || attempt.engine === 'none') return { job, before: before.status, status, stops_on: null };
  const elsewhere = await whereElse(attempt, engine);
  if (elsewhere === undefined) await engine.stop(job, attempt);
  if (elsewhere === undefined && status === 'cancelled') await registry.endAttempt(job, attempt.n);
  return { job, before: before.status, status, stops_on: elsewhere !== undefined && !isTerminal(before.status) ? elsewhere : null };
}

async function cancelUnlessEnded(job: JobId, registry: OpenEnvironment['stores']['registry']): Promise<JobState> {
  try {
    return await registry.transition(job, { to: 'cancelled' }, { reason: 'mops jobs cancel' });
  } catch (error) {
    if (!isModelOpsError(error, 'ILLEGAL_TRANSITION')) throw error;
    return registry.state(job);
  }
}
