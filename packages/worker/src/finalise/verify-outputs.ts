import { type AggregationId, aggregationIdOf, idOfWords, type TaskId } from '@modelops/contracts';
import type { AggregationRow } from '@modelops/store';
import { aggregatedTasks } from '../aggregate/aggregate-groups.ts';
import { isSettled } from '../aggregate/aggregation-row.ts';
import type { Job, Stores } from '../job-context.ts';
import { makeExpectedIds } from './expected-ids.ts';

/** The state of one parameter set × target in the store. */
export interface VerifiedAggregation {
  readonly set: number;
  readonly target: string;
  /** Undefined while replicates or the aggregation are missing. */
  readonly row: AggregationRow | undefined;
}

export interface VerifiedOutputs {
  /** Whether task i exists. */
  readonly has: (task: number) => boolean;
  readonly verified: number;
  readonly missing: readonly TaskId[];
  readonly missingCount: number;
  /** By set: the number of existing tasks. */
  readonly existingIn: Int32Array;
  readonly aggregations: readonly VerifiedAggregation[];
  /** Sets with enough replicates for which some target has no settled aggregation. */
  readonly unaggregated: readonly number[];
}

/** Number of missing tasks that are named; the rest are counted. */
const NAMED = 100_000;

/** Compares the outputs that a job expects with the store. Reads indexes only. */
export async function verifyOutputs(job: Job, { provenance }: Pick<Stores, 'provenance'>): Promise<VerifiedOutputs> {
  const { tasks, spec } = job;
  const stop = new AbortController();
  const reading = [provenance.existing(job.sims, { relist: true }), makeExpectedIds(job, stop.signal)] as const;
  const [existing, batchOf] = await Promise.all(reading).finally(() => stop.abort());
  const idOf = (task: number) => {
    const { start, words } = batchOf(task);
    return idOfWords(words, task - start);
  };
  const known = new Map<string, ReadonlyMap<AggregationId, AggregationRow>>();
  for (const { name } of spec.binding.targets) known.set(name, await provenance.aggregations(job.aggs(name), { relist: true }));

  const missing: TaskId[] = [];
  let missingCount = 0;
  const existingIn = new Int32Array(tasks.groupCount);
  const isThere = new Uint8Array(tasks.count);
  const has = (task: number) => isThere[task] === 1;
  const aggregations: VerifiedAggregation[] = [];
  const unaggregated: number[] = [];
  for (let set = 0; set < tasks.groupCount; set++) {
    const { start, end } = tasks.groupAt(set);
    for (let task = start; task < end; task++) {
      const batch = batchOf(task);
      if (existing.hasWords(batch.words, task - batch.start)) {
        isThere[task] = 1;
        existingIn[set]!++;
      } else if (missingCount++ < NAMED) missing.push(idOf(task));
    }
    if (spec.binding.targets.length === 0) continue;
    const used = aggregatedTasks(job, set, has);
    const ids = used?.map(idOf);
    let isComplete = true;
    for (const { name, digest } of spec.binding.targets) {
      const row = ids && known.get(name)!.get(aggregationIdOf(name, digest, ids));
      aggregations.push({ set, target: name, row });
      isComplete &&= row !== undefined && isSettled(row);
    }
    if (ids !== undefined && !isComplete) unaggregated.push(set);
  }
  return { has, verified: tasks.count - missingCount, missing, missingCount, existingIn, aggregations, unaggregated };
}
