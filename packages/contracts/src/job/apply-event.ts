import { ModelOpsError } from '../errors.ts';
import type { Owner } from './owner.ts';
import type { Attempt, JobRecord, JobState } from './state.ts';
import { type JobEvent, type JobStatus, transition } from './transition.ts';

const HISTORY_KEPT = 50;
const LONGEST_TEXT = 1000;

/** The facts known at a transition; the new status determines which of them the record keeps. */
export interface EventContext {
  readonly at: string;
  readonly reason?: string;
  /** Who submits or resumes the job; kept during the submission. */
  readonly submitter?: Owner | null;
  /** Why the job failed. */
  readonly error?: string;
  /** The spec that a resume binds the job to. */
  readonly bound?: { readonly spec: string; readonly expected_outputs: JobRecord['expected_outputs'] };
  /** The result of a validation. */
  readonly outputs?: Pick<JobRecord, 'tasks_verified' | 'missing_outputs'>;
}

/**
 * The record after an event: its status, history, and the fields that follow from the status.
 * @throws ILLEGAL_TRANSITION
 */
export function applyEvent(state: JobState, event: JobEvent, context: EventContext): JobState {
  const { at, reason = null } = context;
  if (isBeingDeleted(state)) throw new ModelOpsError('ILLEGAL_TRANSITION', `${state.job_id} is being deleted`, { hint: 'mops jobs list' });
  const status = transition(state.status, event);
  const history = [...state.history, { from: state.status, to: status, at, reason: reason?.slice(0, LONGEST_TEXT) ?? null }];
  const { status: _status, submitter, deleted_at: _deleted, ...record } = { submitter: null, deleted_at: null, ...state };
  const moved: JobRecord = { ...record, moves: state.moves + 1, updated_at: at, history: history.slice(-HISTORY_KEPT) };
  return enter(moved, status, { submitter, ...context });
}

/** True once the deletion of a record has begun. */
function isBeingDeleted(state: JobState): boolean {
  return 'deleted_at' in state && state.deleted_at !== null;
}

function enter(record: JobRecord, status: JobStatus, context: EventContext): JobState {
  const { at, submitter = null, bound, error } = context;
  switch (status) {
    case 'pending':
      return { ...record, status, submitter };
    case 'submitting':
      return { ...record, ...(bound === undefined ? {} : bound), error: null, status, submitter };
    case 'scheduled':
    case 'running':
      return { ...record, status };
    case 'validating':
      return { ...record, validation_started_at: at, validation_attempts: record.validation_attempts + 1, status };
    case 'succeeded':
    case 'partial':
      return { ...endAttempts(record, at), ...validated(record, context), status, deleted_at: null };
    case 'failed': {
      const message = error === undefined ? record.error : error.slice(0, LONGEST_TEXT);
      return { ...endAttempts(record, at), ...validated(record, context), error: message, status, deleted_at: null };
    }
    case 'cancelled':
      return { ...record, status, deleted_at: null };
  }
}

function validated({ missing_outputs }: JobRecord, { at, outputs }: EventContext): Partial<JobRecord> {
  if (outputs === undefined) return {};
  return {
    tasks_verified: outputs.tasks_verified,
    // Fields of a later version are kept.
    missing_outputs: { ...missing_outputs, ...outputs.missing_outputs },
    validation_completed_at: at,
    last_validation_error: null,
  };
}

/** Not for cancelled jobs: the command that cancels a job ends its attempt, once its workers have stopped. */
function endAttempts<R extends Pick<JobRecord, 'attempts'>>(record: R, at: string): R {
  return { ...record, attempts: record.attempts.map((attempt): Attempt => ({ ...attempt, ended_at: attempt.ended_at ?? at })) };
}

/** Maximum size of a record on disk. */
const MAX_BYTES = 16 * 1024;
const ATTEMPTS_KEPT = 20;

/** The record with its last 20 attempts, small enough for the store: the names of missing outputs are dropped first, then the oldest history. */
export function boundState(state: JobState): JobState {
  let bounded: JobState = { ...state, attempts: state.attempts.slice(-ATTEMPTS_KEPT) };
  while (isTooLarge(bounded)) {
    const { missing_outputs: missing, history, attempts } = bounded;
    if (missing.first.length > 0)
      bounded = { ...bounded, missing_outputs: { ...missing, first: missing.first.slice(0, missing.first.length >> 1) } };
    else if (history.length > 1) bounded = { ...bounded, history: history.slice((history.length + 1) >> 1) };
    else if (attempts.length > 1) bounded = { ...bounded, attempts: attempts.slice(1) };
    else return bounded;
  }
  return bounded;
}

function isTooLarge(state: JobState): boolean {
  return new TextEncoder().encode(JSON.stringify(state)).length >= MAX_BYTES - 1; // and a line feed
}
