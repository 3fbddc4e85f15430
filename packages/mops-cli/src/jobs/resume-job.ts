import type { JobId, JobState } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import { startAttempt } from './start-attempt.ts';
import { divideTasks } from './submit-job.ts';

export interface ResumeReport {
  readonly job: JobId;
  readonly attempt: number;
  readonly tasks: number;
  readonly chunks: number;
  readonly status: JobState['status'];
  readonly dry_run: boolean;
}

/**
 * Takes a partial, failed or cancelled job up again: a new attempt of exactly the tasks without a result. Of two at once one wins.
 * @throws ILLEGAL_TRANSITION for a job in any other state
 */
export async function resumeJob(
  id: JobId,
  { dryRun, workers }: { readonly dryRun: boolean; readonly workers: number | undefined },
  opened: OpenEnvironment,
): Promise<ResumeReport> {
  const { registry } = opened.stores;
  const job = createJob(await registry.spec(id));
  const before = await registry.state(id);
  const n = before.attempts.reduce((highest, attempt) => Math.max(highest, attempt.n), 0) + 1;
  const { groups, missing } = await divideTasks(job, opened.stores);
  if (dryRun) return { job: id, attempt: n, tasks: missing, chunks: 0, status: before.status, dry_run: true };
  await registry.transition(id, { reopen: 'resume' }, { reason: `attempt ${n}` });
  const { state, chunks } = await startAttempt(job, { n, groups, workers }, opened);
  return { job: id, attempt: n, tasks: missing, chunks, status: state.status, dry_run: false };
}
