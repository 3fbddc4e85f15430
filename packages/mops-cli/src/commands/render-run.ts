import { formatCount, formatDuration, type Style } from '@modelops/cli-kit';
import type { Comparison, Difference, TaskRun } from '../documents/runs.ts';
import { renderErrorBlock } from './render-error-block.ts';

/** The result of a task that ran here, and its comparison with the store. */
export function describeRun({ status, error, duration_ms, outputs, comparison }: TaskRun, style: Style): string[] {
  const after = formatDuration(duration_ms);
  const shape = outputs.map(({ name, rows, columns }) => `${name} (${formatCount(rows, 'row')} of ${columns.join(', ')})`).join('; ');
  const run =
    error === null
      ? [`run here: ${status} in ${after}: ${shape}`]
      : [`run here: failed after ${after}`, ...renderErrorBlock(error, style, '    ')];
  return [...run, describeComparison(comparison, style)];
}

/** One line: same, failed the same way, or the first difference. */
export function describeComparison(comparison: Comparison, { color }: Style): string {
  switch (comparison.verdict) {
    case 'same':
      return color.green('same: every value equals the stored result');
    case 'failed_same':
      return color.green('failed the same way as recorded');
    case 'not_compared':
      return comparison.reason === 'no_result'
        ? 'not compared: nothing is stored for this task'
        : 'not compared: the stored outputs were deleted by store gc';
    case 'ends_differently':
      return color.red(`not reproducible: recorded ${comparison.stored}; here ${comparison.computed}`);
    case 'differs':
      return color.red(`not reproducible: ${describeDifference(comparison.difference)}`);
  }
}

/** `differs at y/v/1: stored 2, here 3 (2 of 60 values; largest relative difference 0.5)`: output, column, and row from 0. */
function describeDifference(difference: Difference): string {
  const { output, what } = difference;
  switch (what) {
    case 'rows':
      return `differs at ${output}: stored ${formatCount(difference.stored, 'row')}, here ${formatCount(difference.computed)}`;
    case 'columns':
      return `differs at ${output}: stored columns ${difference.stored.join(', ')}; here ${difference.computed.join(', ') || 'none'}`;
    case 'type':
      return `differs at ${output}/${difference.column}: stored ${difference.stored}, here ${difference.computed}`;
    case 'value': {
      const { column, row, stored, computed, differing, of, largest_relative } = difference;
      const relative = largest_relative === null ? '' : `; largest relative difference ${largest_relative.toPrecision(2)}`;
      return `differs at ${output}/${column}/${row}: stored ${stored}, here ${computed} (${differing} of ${formatCount(of, 'value')}${relative})`;
    }
  }
}
