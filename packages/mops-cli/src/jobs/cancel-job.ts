import { answering, isTerminal, type JobId } from '@modelops/contracts';
import type { OpenEnvironment } from '../deps.ts';
import type { CancelReport } from '../documents/jobs.ts';
import { whereElse } from './observe-job.ts';

/** Ends an unfinished job and stops its workers; results are kept. A job that ended in the meantime keeps its status. */
export async function cancelJob(
  job: JobId,
  { stores: { registry }, engine }: Pick<OpenEnvironment, 'stores' | 'engine'>,
): Promise<CancelReport> {
  const before = await registry.state(job);
  const cancel = () => registry.transition(job, { to: 'cancelled' }, { reason: 'mops jobs cancel' });
  const { status } = isTerminal(before.status) ? before : await cancel().catch(answering(() => registry.state(job), 'ILLEGAL_TRANSITION'));
  const attempt = before.attempts.at(-1);
  if (attempt === undefined || attempt.engine === 'none') return { job, before: before.status, status, stops_on: null };
  const elsewhere = await whereElse(attempt, engine);
  if (elsewhere === undefined) await engine.stop(job, attempt);
  if (elsewhere === undefined && status === 'cancelled') await registry.endAttempt(job, attempt.n);
  return { job, before: before.status, status, stops_on: elsewhere !== undefined && !isTerminal(before.status) ? elsewhere : null };
}
