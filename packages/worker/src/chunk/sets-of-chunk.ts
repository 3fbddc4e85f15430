import type { AttemptPlan } from '@modelops/contracts';
import type { Job } from '../job-context.ts';

/** A parameter set that is split over several chunks of a plan. */
export interface SharedSet {
  readonly set: number;
  /** The first and the last chunk that contain part of it, and with them all chunks in between. */
  readonly first: number;
  readonly last: number;
}

/** The parameter sets that a chunk shares with other chunks: at most its first and its last one. */
export function setsSharedIn(job: Job, plan: AttemptPlan, chunk: number): SharedSet[] {
  // Chunks are contiguous, so a set is split exactly if a neighbouring chunk contains part of it.
  const begins = (at: number) => setOf(job, plan.chunks[at]?.[0]?.[0]);
  const ends = (at: number) => setOf(job, lastTask(plan.chunks[at]));
  const shared = new Set<number>();
  if (ends(chunk - 1) === begins(chunk)) shared.add(begins(chunk)!);
  if (begins(chunk + 1) === ends(chunk)) shared.add(ends(chunk)!);
  return [...shared].map((set) => {
    let [first, last] = [chunk, chunk];
    while (ends(first - 1) === set) first--;
    while (begins(last + 1) === set) last++;
    return { set, first, last };
  });
}

/** The parameter sets that are entirely in this chunk. */
export function setsWholeIn(job: Job, plan: AttemptPlan, chunk: number): number[] {
  const sets = new Set<number>();
  for (const [start, end] of plan.chunks[chunk]!) {
    for (let at = start; at < end; ) {
      const group = job.tasks.groupOf(at);
      sets.add(group.set);
      at = group.end;
    }
  }
  for (const { set } of setsSharedIn(job, plan, chunk)) sets.delete(set);
  return [...sets];
}

function setOf(job: Job, task: number | undefined): number | undefined {
  return task === undefined ? undefined : job.tasks.groupOf(task).set;
}

function lastTask(ranges: AttemptPlan['chunks'][number] | undefined): number | undefined {
  const end = ranges?.at(-1)?.[1];
  return end === undefined ? undefined : end - 1;
}
