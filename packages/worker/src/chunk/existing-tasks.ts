import type { TaskIdSet } from '@modelops/store';

/** Milliseconds between two listings by all workers of an attempt together, if listings are cheap. */
const SOONEST_MS = 250;
/** A worker spends at most one twentieth of its time on listings. */
const SHARE = 20;
/** Longest pause between two cheap listings of a worker, whatever the number of workers. */
const LATEST_MS = 30_000;

export interface ExistingTasksOptions {
  readonly now: () => number;
  /** Number of workers of the attempt. */
  readonly width: number;
}

/**
 * The tasks that have a result, listed again before each chunk, so a job does not compute what another job has computed meanwhile. The workers of an
 * attempt together list about four times a second, and each worker spends at most a twentieth of its time on it.
 */
export function createExistingTasks(list: () => Promise<TaskIdSet>, { now, width }: ExistingTasksOptions): () => Promise<TaskIdSet> {
  const soonest = Math.min(SOONEST_MS * width, LATEST_MS);
  let held: Promise<TaskIdSet> | undefined;
  let endedAt = 0;
  let isFirst = true;
  let pause = Number.POSITIVE_INFINITY;
  const listNow = async () => {
    const startedAt = now();
    pause = Number.POSITIVE_INFINITY;
    try {
      const found = await list();
      endedAt = now();
      // The first listing reads every pack, later ones only new packs, so its duration is not representative.
      pause = isFirst ? soonest : Math.max(soonest, SHARE * Math.abs(endedAt - startedAt));
      isFirst = false;
      return found;
    } catch (error) {
      held = undefined;
      throw error;
    }
  };
  return () => {
    // abs: do not wait for a clock that was set back.
    if (held === undefined || Math.abs(now() - endedAt) >= pause) held = listNow();
    return held;
  };
}
