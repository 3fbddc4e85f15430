import { ERRORS } from '@modelops/contracts';
import type { TaskError } from '@modelops/model-host';
import { type Comparison, isReproduced } from './compare-outcomes.ts';
import type { Outcome } from './run-here.ts';

/** The outcome of a task that ran here, as commands report it. */
export interface TaskRun {
  readonly status: 'ok' | 'failed';
  readonly error: TaskError | null;
  readonly duration_ms: number;
  /** Rows and columns of each output. */
  readonly outputs: readonly { readonly name: string; readonly rows: number; readonly columns: readonly string[] }[];
  /** Comparison with the stored outcome. */
  readonly comparison: Comparison;
}

export function taskRun({ error, outputs, duration_ms }: Outcome, comparison: Comparison): TaskRun {
  const shapes = Object.entries(outputs).map(([name, { rows, columns }]) => ({
    name,
    rows: rows[0]!,
    columns: columns.map((column) => column.name),
  }));
  return { status: error === null ? 'ok' : 'failed', error, duration_ms, outputs: shapes, comparison };
}

/** 4 if the run contradicts the store, otherwise 11 if the task failed. */
export function exitOfRun({ status, comparison }: Pick<TaskRun, 'status' | 'comparison'>): number {
  if (!isReproduced(comparison)) return ERRORS.NOT_REPRODUCIBLE.exit;
  return status === 'failed' ? ERRORS.JOB_FAILED.exit : 0;
}
