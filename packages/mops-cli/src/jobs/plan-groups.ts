import type { PlannedGroup, TaskRange } from '@modelops/contracts';
import type { Job, VerifiedOutputs } from '@modelops/worker';

/** A job's tasks divided into those to run and those that have a result. */
export interface Division {
  readonly groups: readonly PlannedGroup[];
  readonly missing: number;
  readonly reused: number;
}

/** Plans every task: the store holds no result of the model. */
export function planEverything(job: Job): Division {
  return divide(job, ({ start, end }) => [[start, end]]);
}

/** The state of each task in the store. */
export interface TasksInStore {
  has(task: number): boolean;
  /** The result exists, but its outputs were deleted. */
  isEvicted(task: number): boolean;
}

/**
 * Plans the tasks without a result, and the sets that lack only an aggregation. In a set that lacks one, tasks whose outputs were deleted run
 * again, because the target needs their outputs.
 */
export function planMissing(
  job: Job,
  { unaggregated, aggregations }: Pick<VerifiedOutputs, 'unaggregated' | 'aggregations'>,
  { has, isEvicted }: TasksInStore,
): Division {
  const toAggregate = new Set(unaggregated);
  const lacking = new Set(toAggregate);
  for (const { set, row } of aggregations) if (row === undefined) lacking.add(set);
  return divide(job, ({ set, start, end }) => {
    const ranges = missingRanges(start, end, (task) => has(task) && !(lacking.has(set) && isEvicted(task)));
    return ranges.length > 0 || toAggregate.has(set) ? ranges : undefined;
  });
}

function divide(job: Job, missingOf: (group: { set: number; start: number; end: number }) => TaskRange[] | undefined): Division {
  const groups: PlannedGroup[] = [];
  let missing = 0;
  for (let set = 0; set < job.tasks.groupCount; set++) {
    const group = job.tasks.groupAt(set);
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
