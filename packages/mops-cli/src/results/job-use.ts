import type { JobId, JobStatus } from '@modelops/contracts';
import type { ResultSource } from '@modelops/store';

/** A job that uses a result. */
export interface JobUse {
  readonly job: JobId;
  readonly status: JobStatus;
  readonly created_at: string;
  /** How the job got the result; null while it has none: the task failed or has not run. */
  readonly source: ResultSource | null;
}
