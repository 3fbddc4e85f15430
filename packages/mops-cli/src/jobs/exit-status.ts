import { ERRORS, type JobStatus } from '@modelops/contracts';

const ENDED: Readonly<Partial<Record<JobStatus, number>>> = {
  succeeded: 0,
  partial: ERRORS.JOB_PARTIAL.exit,
  failed: ERRORS.JOB_FAILED.exit,
  cancelled: ERRORS.JOB_CANCELLED.exit,
};

/** The exit status of a command that waits for, or validates, a job. */
export function exitOfStatus(status: JobStatus): number {
  return ENDED[status] ?? ERRORS.JOB_RUNNING.exit;
}
