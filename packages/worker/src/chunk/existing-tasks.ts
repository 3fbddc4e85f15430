import type { TaskIdSet } from '@modelops/store';

/** Between two looks of an attempt's workers together, milliseconds, where looks are cheap. */
const SOONEST_MS = 250;
/** At most one part in twenty of a worker's time is spent on looking: where a look is dear, there are few. */
const SHARE = 20;
/** However many workers there are, each looks this often where looks are cheap. */
const LATEST_MS = 30_000;

export interface ExistingTasksOptions {
  readonly now: () => number;
  /** How many workers look. */
  readonly width: number;
}

/**
 * What has a result, looked at again before a chunk is begun, so that a job does not compute what another has computed meanwhile. The
 * workers of an attempt together look about four times a second, and each for no more than a twentieth of its time.
 */
export function createExistingTasks(look: () => Promise<TaskIdSet>, { now, width }: ExistingTasksOptions): () => Promise<TaskIdSet> {
  const soonest = Math.min(SOONEST_MS * width, LATEST_MS);
  let held: Promise<TaskIdSet> | undefined;
  let endedAt = 0;
  let isFirst = true;
  let pause = Number.POSITIVE_INFINITY;
  const lookNow = async () => {
    const startedAt = now();
    pause = Number.POSITIVE_INFINITY;
    try {
      const found = await look();
      endedAt = now();
      // The first reads every pack there is, those after it what is new: its cost says nothing of theirs.
      pause = isFirst ? soonest : Math.max(soonest, SHARE * Math.abs(endedAt - startedAt));
      isFirst = false;
      return found;
    } catch (error) {
      held = undefined;
      throw error;
    }
  };
  return () => {
    // A clock that was set back is no reason to wait for it.
    if (held === undefined || Math.abs(now() - endedAt) >= pause) held = lookNow();
    return held;
  };
}
