import { formatCount, ModelOpsError } from '@modelops/contracts';
import type { AlignedData } from './evaluator.ts';
import { meanSignal } from './point-diagnostics.ts';
import { quantile } from './quantile.ts';

/** The table of observations that a target stores with each loss. */
export interface AggregatedOutputs {
  /** Quantiles over replicates, between 0 and 1. Default: 0.05, 0.5, 0.95. */
  readonly quantiles?: readonly number[];
}

/** A table with one row for each observation, by column; in the order of the observed data. */
export type AggregatedTable = Readonly<Record<string, readonly (boolean | number | string)[]>>;

const QUANTILES = [0.05, 0.5, 0.95];
/** A table is stored for every parameter set. */
const MAX_VALUES = 100_000;

/**
 * The join columns, `observed`, the `mean` of the simulated values over replicates, their quantiles (`q0.05`, …; linear interpolation between order statistics,
 * type 7 of Hyndman and Fan 1996), and `residual` = mean − observed. @throws TARGET_INVALID for a table of more than 100,000 values
 */
export function aggregatedTable(data: AlignedData, { quantiles = QUANTILES }: AggregatedOutputs): AggregatedTable {
  const { observed, simulated, n_replicates, joinValues } = data;
  const n = observed.length;
  const means = meanSignal(data);
  const joined = Array.from({ length: n }, (_, i) => joinValues(i));
  const names = Object.keys(joined[0] ?? {});
  if (n * (names.length + quantiles.length + 3) > MAX_VALUES)
    throw new ModelOpsError('TARGET_INVALID', `the stored table of ${n} observations has more than ${formatCount(MAX_VALUES)} values`, {
      hint: 'request fewer quantiles, or omit outputs',
    });
  const columns: Record<string, (boolean | number | string)[]> = {};
  for (const name of names) columns[name] = joined.map((row) => row[name]!);
  columns.observed = [...observed];
  columns.mean = [...means];
  for (const q of quantiles) columns[`q${q}`] = [];
  for (let i = 0; i < n; i++) {
    const sorted = Float64Array.from({ length: n_replicates }, (_, k) => simulated[k * n + i]!).sort();
    for (const q of quantiles) columns[`q${q}`]!.push(quantile(sorted, q));
  }
  columns.residual = Array.from(means, (mean, i) => mean - observed[i]!);
  return columns;
}
