import {
  aggregationIdOf,
  type BoundTarget,
  isModelOpsError,
  messageOf,
  type OutputTable,
  outputsOf,
  type TaskId,
} from '@modelops/contracts';
import { COLUMNS_DIFFER, concatTables, type Evaluation, type OutputTables, rowStarts, sliceTable } from '@modelops/model-host';
import { type AggregationRow, packName } from '@modelops/store';
import type { FlushedPack } from '../chunk/pack-buffer.ts';
import type { Job, Stores } from '../job-context.ts';
import { aggregationRow, isSettled } from './aggregation-row.ts';
import { evaluateConcurrently } from './evaluate-concurrently.ts';

/** Outputs of tasks that this process has just computed: the table of tasks [start, end), or undefined if not all of them are in memory. */
export type OutputMemory = (output: string, start: number, end: number) => OutputTable | undefined;

export interface AggregationInputs {
  /** Whether a task has a result. */
  readonly has: (task: number) => boolean;
  readonly memory: OutputMemory;
  readonly evaluate: (target: string, outputs: OutputTables) => Promise<Evaluation>;
}

/** The tasks of a parameter set that an aggregation uses, or undefined while too many are missing. */
export function aggregatedTasks(job: Job, set: number, has: (task: number) => boolean): number[] | undefined {
  const { start, end } = job.tasks.groupAt(set);
  const tasks: number[] = [];
  for (let task = start; task < end; task++) if (has(task)) tasks.push(task);
  return tasks.length >= (job.spec.binding.min_replicates ?? end - start) && tasks.length > 0 ? tasks : undefined;
}

/**
 * Evaluates every target on the given parameter sets whose replicates exist and that have no settled aggregation in the store, and writes one
 * pack per target. Replicates are ordered by number, so a loss does not depend on how the tasks were distributed.
 */
export async function aggregateGroups(job: Job, sets: readonly number[], inputs: AggregationInputs, stores: Stores): Promise<void> {
  if (sets.length === 0) return;
  for (const target of job.spec.binding.targets) {
    const known = await stores.provenance.aggregations(job.aggs(target.name));
    const wanted = sets.flatMap((set) => {
      const tasks = aggregatedTasks(job, set, inputs.has);
      if (tasks === undefined) return [];
      const ids = tasks.map((task) => job.tasks.idAt(task));
      const id = aggregationIdOf(target.name, target.digest, ids);
      const held = known.get(id);
      return held !== undefined && isSettled(held) ? [] : [{ set, tasks, ids, id, replicates: tasks.length }];
    });
    const evaluations = await evaluateConcurrently(
      wanted,
      (group) => tablesOf(job, target, group, inputs, stores),
      (outputs) => inputs.evaluate(target.name, outputs),
    );
    const rows: AggregationRow[] = [];
    evaluations.forEach((evaluation, place) => {
      if (evaluation !== undefined) rows.push(aggregationRow(job, target, wanted[place]!, evaluation, stores.now()));
    });
    if (rows.length > 0)
      await stores.provenance.writeAggregations(job.aggs(target.name), { name: packName(stores.now(), stores.random), rows });
  }
}

/** The outputs that a target is evaluated on; undefined if a replicate has been deleted meanwhile, a failure if the replicates differ in columns. */
async function tablesOf(
  job: Job,
  target: BoundTarget,
  { tasks, ids }: { readonly tasks: readonly number[]; readonly ids: readonly TaskId[] },
  { memory }: AggregationInputs,
  stores: Stores,
): Promise<{ readonly outputs: OutputTables } | Evaluation | undefined> {
  const outputs: Record<string, OutputTable> = {};
  for (const output of outputsOf(target)) {
    try {
      const table = await outputOf(job, output, tasks, ids, memory, stores);
      if (table === undefined) return undefined;
      outputs[output] = table;
    } catch (error) {
      if (!(error instanceof TypeError) && !isModelOpsError(error, 'MODEL_INVALID')) throw error;
      return { error: { kind: 'exception', type: COLUMNS_DIFFER, message: `replicates differ in output ${output}: ${messageOf(error)}` } };
    }
  }
  return { outputs };
}

async function outputOf(
  job: Job,
  output: string,
  tasks: readonly number[],
  ids: readonly TaskId[],
  memory: OutputMemory,
  { provenance }: Stores,
): Promise<OutputTable | undefined> {
  const isContiguous = tasks.at(-1)! - tasks[0]! === tasks.length - 1;
  const held = isContiguous ? memory(output, tasks[0]!, tasks.at(-1)! + 1) : undefined;
  if (held !== undefined) return held;
  const { table, missing } = await provenance.readOutput(job.sims, ids, output);
  return missing.length === 0 ? table : undefined;
}

/** Finds results in the packs that a chunk has just written, of those whose outputs are still in memory. */
export function memoryOf(packs: readonly FlushedPack[]): OutputMemory {
  const kept = packs.flatMap(({ tasks, outputs }) => (outputs === undefined ? [] : [{ tasks, outputs }]));
  /** By task: which pack its results are in, and at which of its tasks. A job without targets needs none. */
  let index: Map<number, { readonly pack: number; readonly place: number }> | undefined;
  const placeOf = (task: number) => {
    if (index === undefined) {
      index = new Map();
      for (const [pack, { tasks }] of kept.entries()) for (const [place, one] of tasks.entries()) index.set(one, { pack, place });
    }
    return index.get(task);
  };
  const starts = new Map<OutputTable, Float64Array>();
  const startsOf = (table: OutputTable) => {
    const held = starts.get(table) ?? rowStarts(table.rows);
    starts.set(table, held);
    return held;
  };
  return (output, start, end) => {
    const parts: OutputTable[] = [];
    for (let at = start; at < end; ) {
      const found = placeOf(at);
      if (found === undefined) return undefined;
      const { tasks, outputs } = kept[found.pack]!;
      let to = found.place;
      while (to < tasks.length && at < end && tasks[to] === at) [to, at] = [to + 1, at + 1];
      const table = outputs[output]!;
      parts.push(sliceTable(table, found.place, to, startsOf(table)));
    }
    return parts.length === 0 ? undefined : concatTables(parts);
  };
}
