import { ERRORS, type JobStatus } from '@modelops/contracts';

/** The exit status of a command that waits for, or validates, a job. */
export function exitOfStatus(status: JobStatus): number {
  switch (status) {
    case 'succeeded':
      return 0;
    case 'partial':
      return ERRORS.JOB_PARTIAL.exit;
    case 'failed':
      return ERRORS.JOB_FAILED.exit;
    case 'cancelled':
      return ERRORS.JOB_CANCELLED.exit;
    case 'pending':
    case 'submitting':
    case 'scheduled':
    case 'running':
    case 'validating':
      return ERRORS.JOB_RUNNING.exit;
  }
}
