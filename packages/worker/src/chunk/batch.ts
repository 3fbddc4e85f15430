import type { OutputTable } from '@modelops/contracts';
import { COLUMNS_DIFFER, concatTables, type RunMessage, sliceTable, type TaskError } from '@modelops/model-host';

/** One task; `index` is its position in the job. */
export interface RunnableTask {
  readonly index: number;
  readonly set: number;
  readonly seed: bigint | number;
}

/** The results of a batch of tasks, in task order. */
export interface BatchResult {
  readonly tasks: readonly RunnableTask[];
  readonly startedAt: number;
  readonly durations: Float64Array;
  /** By position in `tasks`. */
  readonly errors: ReadonlyMap<number, TaskError>;
  readonly outputs: Readonly<Record<string, OutputTable>>;
}

/** The message that runs a batch on a host; each parameter set is sent once. */
export function runMessageOf(tasks: readonly RunnableTask[], valuesAt: (set: number) => RunMessage['values'][number]): RunMessage {
  const places = new Map<number, number>();
  const values: RunMessage['values'][number][] = [];
  const set = tasks.map((task) => {
    let place = places.get(task.set);
    if (place === undefined) {
      place = values.length;
      places.set(task.set, place);
      values.push(valuesAt(task.set));
    }
    return place;
  });
  return {
    values,
    set,
    seeds: tasks.map(({ seed }) => (typeof seed === 'number' || seed <= 9007199254740991n ? Number(seed) : seed.toString())),
  };
}

/** Concatenates results in order, one table per output; failed tasks have no rows. */
export function joinOutputs(results: readonly BatchResult[], outputs: readonly string[]): Record<string, OutputTable> {
  return Object.fromEntries(
    outputs.map((output) => [
      output,
      concatTables(results.map((result) => result.outputs[output] ?? { rows: new Int32Array(result.tasks.length), columns: [] })),
    ]),
  );
}

/**
 * The result without the tasks whose columns differ from an earlier task of the batch, and these tasks. The earlier one may be the one that differs
 * from all others of the job, so they must run alone to be compared with the columns of the job. A batch of one task is returned as it is.
 */
export function withoutDiffering(result: BatchResult): { readonly result: BatchResult; readonly differing: readonly RunnableTask[] } {
  const { tasks, durations, errors, outputs } = result;
  if (tasks.length === 1 || errors.size === 0) return { result, differing: [] };
  const differing = tasks.filter((_, place) => errors.get(place)?.type === COLUMNS_DIFFER);
  if (differing.length === 0) return { result, differing };
  const kept = tasks.flatMap((_, place) => (errors.get(place)?.type === COLUMNS_DIFFER ? [] : [place]));
  return {
    result: {
      ...result,
      tasks: kept.map((place) => tasks[place]!),
      durations: Float64Array.from(kept, (place) => durations[place]!),
      errors: new Map(kept.flatMap((place, at) => (errors.has(place) ? [[at, errors.get(place)!]] : []))),
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([output, table]) => [output, concatTables(kept.map((place) => sliceTable(table, place, place + 1)))]),
      ),
    },
    differing,
  };
}
