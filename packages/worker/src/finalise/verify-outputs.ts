import { aggregationIdOf, type TaskId } from '@modelops/contracts';
import type { AggregatedLoss, AggregationRow, Aggregations } from '@modelops/store';
import { aggregatedTasks } from '../aggregate/aggregate-groups.ts';
import { isSettled } from '../aggregate/aggregation-row.ts';
import type { Job, Stores } from '../job-context.ts';
import { helpMakeTaskIds, makeTaskIds } from '../task-ids.ts';

/** The state of one parameter set × target in the store. */
export interface VerifiedAggregation {
  readonly set: number;
  readonly target: string;
  /** Undefined while replicates or the aggregation are missing. */
  readonly row: AggregatedLoss | undefined;
}

/** The parameter sets × targets of a job, set after set: a million of them are not kept as objects. */
export interface VerifiedAggregations extends Iterable<VerifiedAggregation> {
  readonly length: number;
  at(index: number): VerifiedAggregation | undefined;
  /** The whole row, with its ids and diagnostics. */
  rowAt(index: number): AggregationRow | undefined;
}

export interface VerifiedOutputs {
  /** Whether task i exists. */
  readonly has: (task: number) => boolean;
  readonly verified: number;
  readonly missing: readonly TaskId[];
  readonly missingCount: number;
  /** By set: the number of existing tasks. */
  readonly existingIn: Int32Array;
  readonly aggregations: VerifiedAggregations;
  /** Sets with enough replicates for which some target has no settled aggregation. */
  readonly unaggregated: readonly number[];
}

/** Number of missing tasks that are named; the rest are counted. */
const NAMED = 100_000;

/** Compares the outputs that a job expects with the store. Reads indexes only. */
export async function verifyOutputs(job: Job, { provenance }: Pick<Stores, 'provenance'>): Promise<VerifiedOutputs> {
  const { tasks, spec } = job;
  const stop = new AbortController();
  const read = async () => {
    const existing = await provenance.existing(job.sims, { relist: true });
    const known: Aggregations[] = [];
    for (const { name } of spec.binding.targets) known.push(await provenance.aggregations(job.aggs(name), { relist: true }));
    helpMakeTaskIds(job);
    return { existing, known };
  };
  const [{ existing, known }] = await Promise.all([read(), makeTaskIds(job, stop.signal)]).finally(() => stop.abort());

  const missing: TaskId[] = [];
  let missingCount = 0;
  const existingIn = new Int32Array(tasks.groupCount);
  const isThere = new Uint8Array(tasks.count);
  const has = (task: number) => isThere[task] === 1;
  const { targets } = spec.binding;
  const rowOf = new Int32Array(tasks.groupCount * targets.length).fill(-1);
  const unaggregated: number[] = [];
  for (let set = 0; set < tasks.groupCount; set++) {
    const { start, end } = tasks.groupAt(set);
    for (let task = start; task < end; task++) {
      const batch = tasks.batchOf(task);
      if (existing.hasWords(batch.words, task - batch.start)) {
        isThere[task] = 1;
        existingIn[set]!++;
      } else if (missingCount++ < NAMED) missing.push(tasks.idAt(task));
    }
    if (targets.length === 0) continue;
    const used = aggregatedTasks(job, set, has);
    const ids = used?.map(tasks.idAt);
    let isComplete = true;
    for (let target = 0; target < targets.length; target++) {
      const { name, digest } = targets[target]!;
      const row = ids === undefined ? -1 : known[target]!.indexOf(aggregationIdOf(name, digest, ids));
      rowOf[set * targets.length + target] = row;
      isComplete &&= row >= 0 && (known[target]!.lossAt(row).loss !== null || isSettled(known[target]!.rowAt(row)));
    }
    if (ids !== undefined && !isComplete) unaggregated.push(set);
  }
  const at = (index: number): VerifiedAggregation | undefined => {
    if (index >= rowOf.length) return undefined;
    const [set, target] = [Math.floor(index / targets.length), index % targets.length];
    return { set, target: targets[target]!.name, row: rowOf[index]! < 0 ? undefined : known[target]!.lossAt(rowOf[index]!) };
  };
  const aggregations: VerifiedAggregations = {
    length: rowOf.length,
    at,
    rowAt: (index) => (rowOf[index]! < 0 ? undefined : known[index % targets.length]!.rowAt(rowOf[index]!)),
    *[Symbol.iterator]() {
      for (let index = 0; index < rowOf.length; index++) yield at(index)!;
    },
  };
  return { has, verified: tasks.count - missingCount, missing, missingCount, existingIn, aggregations, unaggregated };
}
