import { createRng } from '@modelops/sdk';
import type { SaltelliDesign } from '../report-data.ts';
import { indexDrawer } from './bootstrap.ts';
import { blockOf, saltelliIndices } from './saltelli-indices.ts';
import type { TableSensitivity } from './table-sensitivity.ts';

const BOOTSTRAPS = 1_000;

/** First-order and total indices of a Saltelli design; undefined if an index lacks the losses that it needs, or if all losses are equal. */
export function designSensitivity({ job, names, secondOrder, rows }: SaltelliDesign, losses: Float64Array): TableSensitivity | undefined {
  const d = names.length;
  const responses = { y: Float64Array.from(rows, (row) => losses[row]!), noise: new Float64Array(rows.length), set: rows };
  const { first, total } = saltelliIndices(responses, {
    ...{ d, secondOrder, estimator: 'saltelli', bootstraps: BOOTSTRAPS },
    draw: indexDrawer(createRng(17n)),
  });
  if (![...first, ...total].every(({ value }) => Number.isFinite(value))) return undefined;
  const sets = new Set(rows);
  return {
    method: 'saltelli',
    job,
    points: rows.length / blockOf({ d, secondOrder }).size,
    sets: [...sets].filter((row) => !Number.isNaN(losses[row]!)).length,
    missing: [...sets].filter((row) => Number.isNaN(losses[row]!)).length,
    parameters: names.map((name, k) => ({ name, first: first[k]!, overall: total[k]! })),
  };
}
