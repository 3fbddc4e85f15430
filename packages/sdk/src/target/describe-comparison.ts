import type { Column } from '../columns.ts';
import { joinColumns } from './alignment.ts';
import type { Comparison, TargetSpec } from './definition.ts';
import { inlineColumns } from './inline-columns.ts';

/** A longer table in the code is not described. */
const MAX_DESCRIBED_ROWS = 1_000;

/** What a target compares, and its observed data if they are a short table in the code. @throws TARGET_INVALID for columns of unequal length */
export function describeComparison({ output, data, join, value, observedValue = value, evaluator }: TargetSpec): Comparison {
  const { trials, observedTrials } = evaluator.shares ?? {};
  const comparison = {
    output,
    join: [...joinColumns(join)],
    value,
    observed_value: observedValue,
    ...(trials === undefined ? {} : { trials }),
    ...(observedTrials === undefined ? {} : { observed_trials: observedTrials }),
  };
  if (typeof data === 'string') return { ...comparison, data };
  const columns = inlineColumns(data);
  const used = [...comparison.join, observedValue, ...(typeof observedTrials === 'string' ? [observedTrials] : [])];
  const observed = used.flatMap((name) => (columns[name] === undefined ? [] : [[name, plainValues(columns[name])] as const]));
  const isShort = observed.every(([, values]) => values.length <= MAX_DESCRIBED_ROWS);
  return { ...comparison, data: null, ...(isShort ? { observed: Object.fromEntries(observed) } : {}) };
}

function plainValues(column: Column): (boolean | number | string | null)[] {
  return Array.from(column as ArrayLike<Column[number]>, (value) => {
    if (typeof value === 'bigint') return Number(value);
    return typeof value === 'number' && !Number.isFinite(value) ? null : value;
  });
}
