import type { JobState } from './state.ts';

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
