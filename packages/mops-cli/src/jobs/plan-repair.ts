import { type Attempt, isTerminal, type JobState } from '@modelops/contracts';
import type { EngineView } from '../engines/engine.ts';

/**
 * What a job needs that its owner will not do any more: `abandon` ends a submission whose submitter died before it started anything,
 * `adopt` takes note of workers that a dead submitter had started, `validate` lets the outputs decide.
 */
export type Repair = 'none' | 'abandon' | 'adopt' | 'validate';

/** Whether a job that has not ended is from before manifests: no list of outputs says when it is done, and its owner is another program. */
export function lacksManifest({ status, expected_outputs }: Pick<JobState, 'status' | 'expected_outputs'>): boolean {
  return expected_outputs === null && !isTerminal(status);
}

/** How long a submission may stand still before its submitter is taken for dead. */
const SUBMIT_PATIENCE_MS = 60_000;
/** A record from further in the future was written under a clock that has been set right since. */
const CLOCKS_APART_MS = 600_000;

/** The attempt that the job's present state is about; none while a resume has not made its own yet. */
export function currentAttempt({ attempts }: Pick<JobState, 'attempts'>): Attempt | undefined {
  const last = attempts.at(-1);
  return last === undefined || last.ended_at !== null ? undefined : last;
}

/**
 * The repair of a job, from its record and what the engine knows of its current attempt (undefined: nothing runs). Every state that is not
 * terminal has an owner: a submission its submitter, the others the workers; when the owner is gone, one look finds the way out.
 */
export function planRepair(state: JobState, view: EngineView | undefined, now: number): Repair {
  if (lacksManifest(state)) return 'none';
  const isAlive = view?.phase === 'running' || view?.phase === 'waiting';
  switch (state.status) {
    case 'succeeded':
    case 'partial':
    case 'failed':
    case 'cancelled':
      return 'none';
    case 'pending':
    case 'submitting':
      if (!isStale(state, now)) return 'none';
      if (currentAttempt(state) === undefined) return 'abandon';
      return isAlive ? 'adopt' : 'validate';
    case 'scheduled':
    case 'running':
    case 'validating':
      return isAlive ? 'none' : 'validate';
  }
}

function isStale({ updated_at }: Pick<JobState, 'updated_at'>, now: number): boolean {
  const age = now - Date.parse(updated_at);
  return age > SUBMIT_PATIENCE_MS || age < -CLOCKS_APART_MS;
}
