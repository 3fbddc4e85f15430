import type { PlannedGroup, TaskRange } from '@modelops/contracts';
import { canonicalJson } from '@modelops/contracts';
import type { Job, VerifiedOutputs } from '@modelops/worker';

/** A job's tasks divided into those to run and those that have a result. */
export interface Division {
  readonly groups: readonly PlannedGroup[];
  readonly missing: number;
  readonly reused: number;
}

/** Every task is to run: what a job meets when the store holds nothing of its model. Sets that are written twice run once. */
export function planEverything(job: Job): Division {
  return divide(job, ({ start, end }) => [[start, end]]);
}

/** The tasks without a result, and the sets that lack only an aggregation. */
export function planMissing(job: Job, { unaggregated }: Pick<VerifiedOutputs, 'unaggregated'>, has: (task: number) => boolean): Division {
  const toAggregate = new Set(unaggregated);
  return divide(job, ({ set, start, end }) => {
    const ranges = missingRanges(start, end, has);
    return ranges.length > 0 || toAggregate.has(set) ? ranges : undefined;
  });
}

function divide(job: Job, missingOf: (group: { set: number; start: number; end: number }) => TaskRange[] | undefined): Division {
  const groups: PlannedGroup[] = [];
  const seen = new Set<string>();
  let missing = 0;
  for (let set = 0; set < job.tasks.groupCount; set++) {
    const group = job.tasks.groupAt(set);
    const identity = `${canonicalJson(job.tasks.valuesAt(set))}${job.tasks.givenSeeds(set)?.join() ?? ''}`;
    if (seen.has(identity)) continue;
    seen.add(identity);
    const ranges = missingOf(group);
    if (ranges === undefined) continue;
    groups.push({ start: group.start, end: group.end, missing: ranges });
    for (const [start, end] of ranges) missing += end - start;
  }
  return { groups, missing, reused: job.tasks.count - missing };
}

function missingRanges(start: number, end: number, has: (task: number) => boolean): TaskRange[] {
  const ranges: [number, number][] = [];
  for (let task = start; task < end; task++) {
    if (has(task)) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === task) last[1] = task + 1;
    else ranges.push([task, task + 1]);
  }
  return ranges;
}
