import type { Rng } from '@modelops/sdk';
import type { Estimate } from './half-samples.ts';

/** Confidence of all intervals. */
export const CONFIDENCE = 0.95;

export interface Contributions {
  /** The contribution of each row to `width` sums, row by row. */
  readonly rows: Float64Array;
  readonly width: number;
}

/** The sums over all rows. */
export function sumsOf({ rows, width }: Contributions): Float64Array {
  const sums = new Float64Array(width);
  for (let at = 0; at < rows.length; at += width) for (let k = 0; k < width; k++) sums[k] = sums[k]! + rows[at + k]!;
  return sums;
}

/**
 * The sums over `times` samples of the rows, drawn with replacement; each is passed to `take` and then reused. A sample is a number of copies of each row,
 * and its sums are the products of these numbers with the columns, four columns at a time.
 */
function bootstrapSums({ rows, width }: Contributions, times: number, draw: Draw, take: (sums: Float64Array) => void): void {
  const n = rows.length / width;
  const columns = Array.from({ length: Math.ceil(width / 4) * 4 }, (_, k) =>
    Float64Array.from({ length: n }, (_unused, row) => (k < width ? rows[row * width + k]! : 0)),
  );
  const copies = new Float64Array(n);
  const sums = new Float64Array(columns.length);
  for (let time = 0; time < times; time++) {
    copies.fill(0);
    for (let row = 0; row < n; row++) {
      const at = draw(n);
      copies[at] = copies[at]! + 1;
    }
    for (let k = 0; k < columns.length; k += 4) addProducts(copies, columns, k, sums);
    take(sums);
  }
}

function addProducts(copies: Float64Array, columns: readonly Float64Array[], from: number, sums: Float64Array): void {
  const a = columns[from]!;
  const b = columns[from + 1]!;
  const c = columns[from + 2]!;
  const d = columns[from + 3]!;
  let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
  for (let row = 0; row < copies.length; row++) {
    const times = copies[row]!;
    sumA += times * a[row]!;
    sumB += times * b[row]!;
    sumC += times * c[row]!;
    sumD += times * d[row]!;
  }
  sums[from] = sumA;
  sums[from + 1] = sumB;
  sums[from + 2] = sumC;
  sums[from + 3] = sumD;
}

/** The middle {@link CONFIDENCE} of the values. */
export function interval(values: Float64Array): { readonly low: number; readonly high: number } {
  const sorted = values.filter(Number.isFinite).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))] ?? Number.NaN;
  return { low: at((1 - CONFIDENCE) / 2), high: at((1 + CONFIDENCE) / 2) };
}

/**
 * Estimates of functions of sums, each with its bootstrap interval.
 * @param statistics the values of the functions, always the same number.
 */
export function bootstrapEstimates(
  contributions: Contributions,
  statistics: (sums: Float64Array) => readonly number[],
  times: number,
  draw: Draw,
): Estimate[] {
  const values = statistics(sumsOf(contributions));
  if (times === 0) return values.map((value) => ({ value, low: null, high: null }));
  const drawn = values.map(() => new Float64Array(times));
  let time = 0;
  bootstrapSums(contributions, times, draw, (sums) => {
    const found = statistics(sums);
    for (let k = 0; k < drawn.length; k++) drawn[k]![time] = found[k]!;
    time += 1;
  });
  return values.map((value, k) => ({ value, ...interval(drawn[k]!) }));
}

/** Returns a random whole number below its argument. */
export type Draw = (n: number) => number;

/** Draws numbers below n with xorshift128 (Marsaglia, 2003), which is fast enough for tens of millions. @param rng gives its start */
export function indexDrawer(rng: Rng): Draw {
  let [x, y, z, w] = Array.from({ length: 4 }, () => rng.uniformInt(1, 2 ** 32 - 1) | 0) as [number, number, number, number];
  return (n) => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ (t ^ (t >>> 8));
    return ((w >>> 0) * (n * 2 ** -32)) | 0;
  };
}
