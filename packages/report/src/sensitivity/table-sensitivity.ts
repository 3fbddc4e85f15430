import { createRng } from '@modelops/sdk';
import type { ParameterColumn, SaltelliDesign } from '../report-data.ts';
import { indexDrawer } from './bootstrap.ts';
import { inputColumn, pawn, rankFirstOrder, rowsOfData } from './given-data.ts';
import { drawRows, type Estimate, jackknifed, randomHalves } from './half-samples.ts';
import { blockOf, saltelliIndices } from './saltelli-indices.ts';

export interface ParameterIndices {
  readonly name: string;
  /** Share of the variance of the loss that the parameter explains alone. */
  readonly first: Estimate;
  /**
   * Of a Saltelli design the total index: the share of the variance that the parameter explains alone and together with others. Else PAWN: the distance
   * between the distributions of the loss with and without the parameter known, 0 … 1.
   */
  readonly overall: Estimate;
}

export interface TableSensitivity {
  readonly method: 'given-data' | 'saltelli';
  /** Of a Saltelli design: its job, the number of its base points, and of its sets without a loss. */
  readonly job?: string;
  readonly points?: number;
  readonly missing?: number;
  /** Number of sets that the indices are computed from. */
  readonly sets: number;
  readonly parameters: readonly ParameterIndices[];
}

/** With fewer sets, indices are meaningless. */
const MIN_SETS = 20;
/** Maximum number of sets used: more change little and take seconds. */
const MAX_SETS = 2_000;
const HALVES = 40;
const BOOTSTRAPS = 1_000;

/** Given-data indices of a loss; undefined for fewer than {@link MIN_SETS} sets. @param rows those with a loss */
export function tableSensitivity(
  parameters: readonly ParameterColumn[],
  losses: Float64Array,
  rows: Uint32Array,
): TableSensitivity | undefined {
  const rng = createRng(17n);
  const draw = (n: number) => rng.uniformInt(0, n - 1);
  const used = rows.length <= MAX_SETS ? rows.slice().sort() : drawRows(rows, MAX_SETS, draw);
  if (used.length < MIN_SETS || parameters.length === 0) return undefined;
  const take = (values: Float64Array) => Float64Array.from(used, (row) => values[row]!);
  const data = { inputs: parameters.map(({ values }) => inputColumn(take(values))), y: take(losses), noise: 0 };
  const parts = randomHalves(used.length, HALVES, draw).map((half) => rowsOfData(data, half));
  return {
    method: 'given-data',
    sets: used.length,
    parameters: parameters.map(({ name }, k) => ({
      name,
      first: jackknifed(
        rankFirstOrder(data.inputs[k]!, data.y, 0),
        parts.map(({ inputs, y }) => rankFirstOrder(inputs[k]!, y, 0)),
      ),
      overall: jackknifed(
        pawn(data.inputs[k]!, data.y),
        parts.map(({ inputs, y }) => pawn(inputs[k]!, y)),
      ),
    })),
  };
}

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
