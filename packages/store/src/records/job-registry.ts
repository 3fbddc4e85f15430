import type {
  Attempt,
  Digest,
  EventContext,
  JobEvent,
  JobId,
  JobRecord,
  JobSpec,
  JobState,
  JobStatus,
  ModelOpsError,
  Owner,
} from '@modelops/contracts';

export interface JobFilter {
  readonly status?: readonly JobStatus[];
  readonly label?: Readonly<Record<string, string>>;
  readonly since?: Date;
  readonly until?: Date;
  /** Continues after this job, the last of the previous page. */
  readonly after?: JobId;
  readonly limit?: number;
  /** Also rewrites status notes that a crash left stale. A listing writes nothing without it. */
  readonly repairsNotes?: boolean;
  /** Called for a record that cannot be read, which may match the filter; without it the listing ends with the record's error. */
  readonly onUnreadable?: (id: JobId, error: ModelOpsError) => void;
}

/** The size of a job, and who submits it. */
export type JobTotals = Pick<JobRecord, 'tasks_total' | 'expected_outputs'> & { readonly submitter?: Owner | null };

/** The context of an event. With `submission`, the event is applied only while that submission holds the job. */
export type TransitionContext = Omit<EventContext, 'at'> & { readonly submission?: Submission };

/** Identifies a submission by its first transition: it holds the job until the next one. */
export type Submission = Pick<JobState, 'moves'>;

/** The new owners of a job's submission and of its last attempt. */
export interface NewOwner {
  readonly submitter: Owner;
  readonly owner: Owner;
  readonly engine: string;
}

export type NewAttempt = Pick<Attempt, 'n' | 'engine' | 'owner' | 'namespace' | 'tasks' | 'started_at'>;

/** The jobs of an environment. An outage is an error, never an empty list. */
export interface JobRegistry {
  /** Writes the spec, then the record, `pending`. With the same spec again it changes nothing. @throws CONFLICT when another job has the id */
  register(spec: JobSpec, totals: JobTotals): Promise<JobState>;
  /** The spec that the job is bound to now, or that an attempt ran. @throws JOB_NOT_FOUND */
  spec(id: JobId, options?: { readonly attempt?: number }): Promise<JobSpec>;
  /** Stores a spec to bind the job to and returns its digest. It takes effect with the transition that records the digest. */
  keepSpec(spec: JobSpec): Promise<Digest>;
  /** @throws JOB_NOT_FOUND */
  state(id: JobId): Promise<JobState>;
  /** Moves the record by one event. @throws ILLEGAL_TRANSITION, JOB_NOT_FOUND; CONFLICT when the submission does not hold the job */
  transition(id: JobId, event: JobEvent, context?: TransitionContext): Promise<JobState>;
  /** Records that this submission is still alive. @throws CONFLICT when it was ended or taken over, JOB_NOT_FOUND */
  renewSubmission(id: JobId, submission: Submission): Promise<void>;
  /** Records an attempt of a submission before its workers start. @throws CONFLICT as {@link renewSubmission} does, JOB_NOT_FOUND */
  beginAttempt(id: JobId, attempt: NewAttempt, submission: Submission): Promise<JobState>;
  /** Records the engine's name for an attempt. @throws JOB_NOT_FOUND */
  nameAttempt(id: JobId, n: number, name: string): Promise<JobState>;
  /** Records that the workers of an attempt have stopped, unless that is recorded. @throws JOB_NOT_FOUND */
  endAttempt(id: JobId, n: number): Promise<JobState>;
  /** Makes another owner responsible for an unfinished submission and its last attempt. @throws ILLEGAL_TRANSITION for a job that has ended, JOB_NOT_FOUND */
  takeOver(id: JobId, by: NewOwner): Promise<JobState>;
  /** Records why a validation did not finish. @throws JOB_NOT_FOUND */
  failValidation(id: JobId, message: string): Promise<JobState>;
  /**
   * Deletes the record of a job that has ended, with its attempts, its attribution and its results index, the record itself last: a deletion that
   * was interrupted continues when it is requested again. Results in provenance remain. @throws ILLEGAL_TRANSITION for a job that has not ended, JOB_NOT_FOUND
   */
  remove(id: JobId): Promise<void>;
  /**
   * Newest first. Does not read records outside [since, until], if the id contains the time, nor those of jobs that ended in another status
   * than requested, except after a crash; reads few records beyond the last one consumed.
   */
  list(filter?: JobFilter): AsyncIterable<JobState>;
  /** The id that begins with the prefix. @throws JOB_NOT_FOUND, CONFLICT naming the candidates */
  resolve(prefix: string): Promise<JobId>;
}
