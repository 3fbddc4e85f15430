import { exp } from '../space/exp-ln.ts';

/** A parameter's values as numbers whose order counts; `isDiscrete` where few values share all rows. */
export interface InputColumn {
  readonly x: Float64Array;
  readonly isDiscrete: boolean;
}

/** The rows of any sweep: no design is needed. */
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
  if (!(variance > 0)) return Number.NaN; // chance alone explains it all
  if (isDiscrete) return groupedShare(x, y, mean, variance);
  const order = orderOf(x);
  // Points of a sequence or a hypercube are not independent of their next neighbours: farther ones count as much.
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

/**
 * The median over slices of x of the Kolmogorov-Smirnov distance between y in the slice and y everywhere. F. Pianosi and T. Wagener, PAWN (2018); slices
 * of equal counts as in SALib.
 */
export function pawn({ x, isDiscrete }: InputColumn, y: Float64Array, slices = 10): number {
  const sorted = y.slice().sort();
  const bounds = isDiscrete ? undefined : Array.from({ length: slices + 1 }, (_, s) => quantile(x.slice().sort(), s / slices));
  const members = (slice: number) => (value: number) =>
    bounds === undefined
      ? value === distinct[slice]
      : value >= bounds[slice]! && (value < bounds[slice + 1]! || (slice === slices - 1 && value === bounds[slices]));
  const distinct = isDiscrete ? [...new Set(x)].sort((a, b) => a - b) : [];
  const count = isDiscrete ? distinct.length : slices;
  const distances: number[] = [];
  for (let slice = 0; slice < count; slice++) {
    const isIn = members(slice);
    const inside = y.filter((_, row) => isIn(x[row]!)).sort();
    if (inside.length > 0) distances.push(ksDistance(inside, sorted));
  }
  return medianOf(distances);
}

/**
 * The moment-independent index δ: half the mean distance between the density of y and that within classes of x. E. Borgonovo (2007); estimator of
 * E. Plischke, E. Borgonovo and C. L. Smith (2013), with their number of classes, and Gaussian kernels of Silverman's bandwidth as in SALib.
 */
export function delta({ x, isDiscrete }: InputColumn, y: Float64Array): number {
  const n = y.length;
  const [low, high] = [
    y.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    y.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  ];
  if (!(high > low)) return 0;
  const grid = Float64Array.from({ length: 100 }, (_, at) => low + ((high - low) * at) / 99);
  const density = kernelDensity(y, grid);
  const classes = isDiscrete ? byValue(x) : byRank(x, Math.min(48, Math.ceil(n ** (2 / (7 + Math.tanh((1500 - n) / 500))))));
  let sum = 0;
  for (const rows of classes) {
    const own = Float64Array.from(rows, (row) => y[row]!);
    // One value has no density.
    if (own.length < 2 || own.every((value) => value === own[0])) continue;
    const conditional = kernelDensity(own, grid);
    sum += (rows.length / (2 * n)) * trapezoid(grid, (at) => Math.abs(density[at]! - conditional[at]!));
  }
  return sum;
}

/** Gaussian kernels with Silverman's bandwidth. */
function kernelDensity(values: Float64Array, grid: Float64Array): Float64Array {
  const n = values.length;
  const mean = meanOf(values);
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const width = sd * ((3 * n) / 4) ** -0.2;
  return grid.map((at) => {
    let sum = 0;
    for (const value of values) {
      const z = (at - value) / width;
      if (z * z < 80) sum += exp(-0.5 * z * z);
    }
    return sum / (n * width * Math.sqrt(2 * Math.PI));
  });
}

function byRank(x: Float64Array, classes: number): Uint32Array[] {
  const order = orderOf(x);
  return Array.from({ length: classes }, (_, at) =>
    order.slice(Math.floor((at * x.length) / classes), Math.floor(((at + 1) * x.length) / classes)),
  );
}

function byValue(x: Float64Array): Uint32Array[] {
  return [...new Set(x)].map((value) => Uint32Array.from([...x.keys()].filter((row) => x[row] === value)));
}

/** Rows in the order of x; equal values keep the order of rows. */
function orderOf(x: Float64Array): Uint32Array {
  return Uint32Array.from({ length: x.length }, (_, row) => row).sort((a, b) => x[a]! - x[b]! || a - b);
}

function ksDistance(part: Float64Array, whole: Float64Array): number {
  let [i, j, most] = [0, 0, 0];
  while (i < part.length && j < whole.length) {
    const value = Math.min(part[i]!, whole[j]!);
    while (i < part.length && part[i]! <= value) i += 1;
    while (j < whole.length && whole[j]! <= value) j += 1;
    most = Math.max(most, Math.abs(i / part.length - j / whole.length));
  }
  return most;
}

function trapezoid(grid: Float64Array, at: (k: number) => number): number {
  let sum = 0;
  for (let k = 1; k < grid.length; k++) sum += ((at(k) + at(k - 1)) / 2) * (grid[k]! - grid[k - 1]!);
  return sum;
}

/** Linear between order statistics, as NumPy. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low]! + (place - low) * (sorted[high]! - sorted[low]!);
}

function medianOf(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : quantile(Float64Array.from(values).sort(), 0.5);
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
