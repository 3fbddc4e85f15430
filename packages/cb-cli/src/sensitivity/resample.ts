import { streamOf } from '../designs/stream.ts';

/** Confidence of all intervals. */
export const CONFIDENCE = 0.95;

/** An estimate with its interval; null where the data do not give it. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Contributions {
  /** What each row adds to `width` sums, row by row. */
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
 * The sums over `times` samples of as many rows, drawn with replacement; each is passed to `take` and then reused. An estimator that is a function of sums
 * costs a bootstrap one addition for each row and sum.
 */
export function bootstrapSums({ rows, width }: Contributions, times: number, seed: bigint, take: (sums: Float64Array) => void): void {
  const n = rows.length / width;
  const draw = indexDrawer(seed);
  const sums = new Float64Array(width);
  for (let time = 0; time < times; time++) {
    sums.fill(0);
    for (let row = 0; row < n; row++) {
      const at = draw(n) * width;
      for (let k = 0; k < width; k++) sums[k] = sums[k]! + rows[at + k]!;
    }
    take(sums);
  }
}

/** The middle {@link CONFIDENCE} of some values. @param low,high of which order statistics */
export function interval(values: Float64Array): { readonly low: number; readonly high: number } {
  const sorted = values.filter(Number.isFinite).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))] ?? Number.NaN;
  return { low: at((1 - CONFIDENCE) / 2), high: at((1 + CONFIDENCE) / 2) };
}

/**
 * Estimates of functions of sums, each with the interval of its bootstrap.
 * @param statistics values from the sums; always as many.
 */
export function bootstrapEstimates(
  contributions: Contributions,
  statistics: (sums: Float64Array) => readonly number[],
  times: number,
  seed: bigint,
): Estimate[] {
  const values = statistics(sumsOf(contributions));
  if (times === 0) return values.map((value) => ({ value, low: null, high: null }));
  const drawn = values.map(() => new Float64Array(times));
  let time = 0;
  bootstrapSums(contributions, times, seed, (sums) => {
    const found = statistics(sums);
    for (let k = 0; k < drawn.length; k++) drawn[k]![time] = found[k]!;
    time += 1;
  });
  return values.map((value, k) => ({ value, ...interval(drawn[k]!) }));
}

/** Random halves of 0 … n − 1, for estimators that rows drawn twice would bias: the spread over halves is that of the estimate (delete-half jackknife). */
export function halves(n: number, times: number, seed: bigint): Uint32Array[] {
  const draw = indexDrawer(seed);
  return Array.from({ length: times }, () => {
    const order = Uint32Array.from({ length: n }, (_, at) => at);
    const half = Math.floor(n / 2);
    for (let at = 0; at < half; at++) {
      const other = at + draw(n - at);
      const held = order[at]!;
      order[at] = order[other]!;
      order[other] = held;
    }
    return order.slice(0, half).sort();
  });
}

/** A value with the interval that its spread over halves gives. */
export function jackknifed(value: number, overHalves: readonly number[]): Estimate {
  if (overHalves.length < 2) return { value, low: null, high: null };
  const mean = overHalves.reduce((sum, one) => sum + one, 0) / overHalves.length;
  const variance = overHalves.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (overHalves.length - 1);
  const reach = 1.959963984540054 * Math.sqrt(variance);
  return { value, low: value - reach, high: value + reach };
}

/** Numbers below n, by xorshift128 (Marsaglia, 2003): tens of millions of them are drawn. */
function indexDrawer(seed: bigint): (n: number) => number {
  const rng = streamOf(seed, 77);
  let [x, y, z, w] = Array.from({ length: 4 }, () => rng.uniformInt(1, 2 ** 32 - 1) | 0) as [number, number, number, number];
  return (n) => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ (t ^ (t >>> 8));
    return Math.floor((w >>> 0) * 2 ** -32 * n);
  };
}
