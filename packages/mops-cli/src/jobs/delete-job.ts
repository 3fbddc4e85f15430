import { isTerminal, type JobId, type JobState, ModelOpsError } from '@modelops/contracts';
import type { OpenEnvironment } from '../deps.ts';
import { whereElse } from './observe-job.ts';

/** @throws ILLEGAL_TRANSITION for a job that has not ended */
export function refuseUnended({ job_id, status }: Pick<JobState, 'job_id' | 'status'>): void {
  if (isTerminal(status)) return;
  throw new ModelOpsError('ILLEGAL_TRANSITION', `${job_id} is ${status}: only a job that has ended can be deleted`, {
    hint: `mops jobs cancel ${job_id}`,
  });
}

/**
 * Deletes what belongs to one job: logs of the engine here, attempts, attribution, results index and record. Simulations and aggregations
 * remain, because other jobs may share them. @throws ILLEGAL_TRANSITION for a job that has not ended
 */
export async function deleteJob(
  job: JobId,
  { stores: { registry }, engine }: Pick<OpenEnvironment, 'stores' | 'engine'>,
): Promise<{ readonly job: JobId; readonly before: JobState['status']; readonly tasks: number }> {
  const state = await registry.state(job);
  refuseUnended(state);
  for (const attempt of state.attempts) {
    if (attempt.engine === 'none' || (await whereElse(attempt, engine)) !== undefined) continue;
    await engine.stop(job, attempt);
    await engine.forget(job, attempt);
  }
  await registry.remove(job);
  return { job, before: state.status, tasks: state.tasks_total };
}
