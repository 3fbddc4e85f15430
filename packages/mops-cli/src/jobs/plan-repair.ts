import { type Attempt, isTerminal, type JobState } from '@modelops/contracts';
import type { EngineView } from '../engines/engine.ts';

/**
 * The repair that a job needs and no other process will make: `abandon` fails a submission whose submitter died before it started workers,
 * `adopt` records the workers that a dead submitter had started, `validate` decides by the outputs.
 */
export type Repair = 'none' | 'abandon' | 'adopt' | 'validate';

/** Whether an unfinished job was created by an older version without a manifest: its end cannot be determined here. */
export function lacksManifest({ status, expected_outputs }: Pick<JobState, 'status' | 'expected_outputs'>): boolean {
  return expected_outputs === null && !isTerminal(status);
}

/** A submitter renews its record; after this time without renewal it is considered dead, even if its process cannot be observed. */
const SUBMISSION_TIMEOUT_MS = 60_000;
/** A record from further in the future was written before the clock was corrected. */
const MAX_CLOCK_SKEW_MS = 600_000;

/** The attempt that the status refers to; undefined before a submission or resume has recorded its attempt. */
export function currentAttempt({ attempts }: Pick<JobState, 'attempts'>): Attempt | undefined {
  const last = attempts.at(-1);
  return last === undefined || last.ended_at !== null ? undefined : last;
}

/** What is known about a job besides its record. */
export interface Observation {
  /** The current attempt's workers; undefined if nothing was started. */
  readonly view: EngineView | undefined;
  /** Another machine makes the submission: its process cannot be observed from here. */
  readonly isSubmittedElsewhere: boolean;
  /** The process that made the submission ran here, and has ended. */
  readonly hasSubmitterEnded: boolean;
}

/**
 * Plans the repair of a job. Every unfinished state has an owner: the submitter of a submission, otherwise the workers. A state with an owner
 * elsewhere is not changed; a state whose owner here is gone is ended.
 */
export function planRepair(state: JobState, { view, isSubmittedElsewhere, hasSubmitterEnded }: Observation, now: number): Repair {
  if (lacksManifest(state) || view?.phase === 'unknown') return 'none';
  const isAlive = view?.phase === 'running' || view?.phase === 'waiting';
  switch (state.status) {
    case 'succeeded':
    case 'partial':
    case 'failed':
    case 'cancelled':
      return 'none';
    case 'pending':
    case 'submitting':
      if (!hasSubmitterEnded && !isStale(state, now)) return 'none';
      if (isAlive) return 'adopt';
      if (isSubmittedElsewhere) return 'none';
      return currentAttempt(state) === undefined ? 'abandon' : 'validate';
    case 'scheduled':
    case 'running':
    case 'validating':
      return isAlive ? 'none' : 'validate';
  }
}

/** Whether a submission has stopped renewing its record. */
export function isStale({ updated_at }: Pick<JobState, 'updated_at'>, now: number): boolean {
  const age = now - Date.parse(updated_at);
  return age > SUBMISSION_TIMEOUT_MS || age < -MAX_CLOCK_SKEW_MS;
}
