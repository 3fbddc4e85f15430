import { ERRORS } from '@modelops/contracts';
import type { Comparison, TaskRun } from '../documents/runs.ts';
import { isReproduced } from './compare-outcomes.ts';
import type { Outcome } from './run-here.ts';

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
