import { isTerminal, type JobId, type JobState, ModelOpsError } from '@modelops/contracts';
import type { OpenEnvironment } from '../deps.ts';

/** What a job may say when it is asked whether it can be deleted. @throws ILLEGAL_TRANSITION for one that has not ended */
export function refuseUnended({ job_id, status }: Pick<JobState, 'job_id' | 'status'>): void {
  if (isTerminal(status)) return;
  throw new ModelOpsError('ILLEGAL_TRANSITION', `${job_id} is ${status}: it cannot be deleted before it has ended`, {
    hint: `mops jobs cancel ${job_id}`,
  });
}

/**
 * Deletes what is a job's own: what its engine keeps, its attempts, attribution, results index and record. Simulations and aggregations stay: they
 * belong to what determines them, and other jobs may share them. @throws ILLEGAL_TRANSITION for a job that has not ended
 */
export async function deleteJob(
  job: JobId,
  { stores: { registry }, engine }: Pick<OpenEnvironment, 'stores' | 'engine'>,
): Promise<{ readonly job: JobId; readonly before: JobState['status']; readonly tasks: number }> {
  const state = await registry.state(job);
  refuseUnended(state);
  for (const attempt of state.attempts) {
    if (attempt.engine !== engine.name) continue;
    await engine.stop(job, attempt);
    await engine.forget(job, attempt);
  }
  await registry.remove(job);
  return { job, before: state.status, tasks: state.tasks_total };
}
