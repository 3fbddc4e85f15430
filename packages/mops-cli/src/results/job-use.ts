import type { JobId, JobStatus } from '@modelops/contracts';
import type { ResultSource } from '@modelops/store';

/** One job that asked for a result. */
export interface JobUse {
  readonly job: JobId;
  readonly status: JobStatus;
  readonly created_at: string;
  /** How the job came by the result; null while it has not: the task failed, or has not been reached. */
  readonly source: ResultSource | null;
}
