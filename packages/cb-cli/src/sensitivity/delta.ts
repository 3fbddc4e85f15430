import { type InputColumn, meanOf, orderOf } from '@modelops/report/sensitivity';
import { exp } from '../space/exp-ln.ts';

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
    // A single value has no density.
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

function trapezoid(grid: Float64Array, at: (k: number) => number): number {
  let sum = 0;
  for (let k = 1; k < grid.length; k++) sum += ((at(k) + at(k - 1)) / 2) * (grid[k]! - grid[k - 1]!);
  return sum;
}
