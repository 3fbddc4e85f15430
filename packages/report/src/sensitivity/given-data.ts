import { quantile } from '@modelops/sdk/internal';

/** A parameter's values as ordered numbers; `isDiscrete` if there are few distinct values. */
export interface InputColumn {
  readonly x: Float64Array;
  readonly isDiscrete: boolean;
}

/** The rows of a sweep of any design. */
export interface GivenData {
  readonly inputs: readonly InputColumn[];
  readonly y: Float64Array;
  /** Mean variance of `y` by chance. */
  readonly noise: number;
}

/** Columns with at most this many distinct values are grouped by value. */
const FEW_VALUES = 20;

export function inputColumn(x: Float64Array): InputColumn {
  const distinct = new Set(x).size;
  return { x, isDiscrete: distinct <= FEW_VALUES && distinct * 5 <= x.length };
}

export function rowsOfData({ inputs, y, noise }: GivenData, rows: Uint32Array): GivenData {
  const take = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
  return { inputs: inputs.map(({ x, isDiscrete }) => ({ x: take(x), isDiscrete })), y: take(y), noise };
}

/**
 * First-order index from ranks: neighbours in the order of x have nearly the same conditional mean. F. Gamboa et al., "Global sensitivity analysis: a
 * novel generation of mighty estimators based on rank statistics" (2022). NaN where chance explains all of the variance. A column of few values is grouped by value instead.
 */
export function rankFirstOrder({ x, isDiscrete }: InputColumn, y: Float64Array, noise: number): number {
  const n = y.length;
  const mean = meanOf(y);
  const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n - noise;
  if (!(variance > 0)) return Number.NaN;
  if (isDiscrete) return groupedShare(x, y, mean, variance);
  const order = orderOf(x);
  // Points of a sequence or a hypercube depend on their next neighbours, so farther neighbours are used as well.
  const reach = Math.max(1, Math.round(Math.sqrt(n) / 2));
  let sum = 0;
  for (let lag = 1; lag <= reach; lag++) {
    for (let at = 0; at + lag < n; at++) sum += ((y[order[at]!]! - mean) * (y[order[at + lag]!]! - mean)) / (n - lag);
  }
  return sum / reach / variance;
}

/** The variance between groups, less what chance within the groups adds to it. */
function groupedShare(x: Float64Array, y: Float64Array, mean: number, variance: number): number {
  const groups = new Map<number, number[]>();
  x.forEach((value, row) => {
    groups.set(value, [...(groups.get(value) ?? []), y[row]!]);
  });
  let [between, within] = [0, 0];
  for (const values of groups.values()) {
    const own = values.reduce((sum, value) => sum + value, 0) / values.length;
    between += values.length * (own - mean) ** 2;
    within += values.reduce((sum, value) => sum + (value - own) ** 2, 0);
  }
  const spread = within / Math.max(1, y.length - groups.size);
  return (between - (groups.size - 1) * spread) / y.length / variance;
}

/** Number of slices of a continuous input. */
const SLICES = 10;

/**
 * The median over slices of x of the Kolmogorov-Smirnov distance between y in the slice and y everywhere. F. Pianosi and T. Wagener, PAWN (2018); slices
 * of equal counts as in SALib.
 */
export function pawn({ x, isDiscrete }: InputColumn, y: Float64Array): number {
  const sorted = y.slice().sort();
  const ordered = x.slice().sort();
  const bounds = isDiscrete ? undefined : Array.from({ length: SLICES + 1 }, (_, s) => quantile(ordered, s / SLICES));
  const members = (slice: number) => (value: number) =>
    bounds === undefined
      ? value === distinct[slice]
      : value >= bounds[slice]! && (value < bounds[slice + 1]! || (slice === SLICES - 1 && value === bounds[SLICES]));
  const distinct = isDiscrete ? [...new Set(x)].sort((a, b) => a - b) : [];
  const count = isDiscrete ? distinct.length : SLICES;
  const distances: number[] = [];
  for (let slice = 0; slice < count; slice++) {
    const isIn = members(slice);
    const inside = y.filter((_, row) => isIn(x[row]!)).sort();
    if (inside.length > 0) distances.push(ksDistance(inside, sorted));
  }
  return quantile(Float64Array.from(distances).sort(), 0.5);
}

/** Rows in the order of x; equal values keep the order of rows. */
export function orderOf(x: Float64Array): Uint32Array {
  return Uint32Array.from({ length: x.length }, (_, row) => row).sort((a, b) => x[a]! - x[b]! || a - b);
}

function ksDistance(part: Float64Array, whole: Float64Array): number {
  let [i, j, distance] = [0, 0, 0];
  while (i < part.length && j < whole.length) {
    const value = Math.min(part[i]!, whole[j]!);
    while (i < part.length && part[i]! <= value) i += 1;
    while (j < whole.length && whole[j]! <= value) j += 1;
    distance = Math.max(distance, Math.abs(i / part.length - j / whole.length));
  }
  return distance;
}

export function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
