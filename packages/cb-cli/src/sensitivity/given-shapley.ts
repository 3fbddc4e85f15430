import { type GivenData, rankFirstOrder } from '@modelops/report/sensitivity';
import { streamOf } from '../designs/stream.ts';
import { shapleyEffects, sizeOf } from './shapley.ts';

/** Maximum number of parameters for which all subsets are computed. */
export const MAX_GIVEN_SHAPLEY = 10;
/** Number of neighbours of a row, itself included: enough that the regular distances of a sequence do not bias the variance. */
const NEIGHBOURS = 10;
/** Maximum number of distances computed. */
const BUDGET = 2 ** 28;

/**
 * Shapley effects of a sweep of any design. One parameter explains its first-order index; the variance that two or more parameters leave is estimated
 * from the nearest neighbours in the ranks of these parameters.
 * B. Broto, F. Bachoc and M. Depecker (2020). Up to {@link MAX_GIVEN_SHAPLEY} parameters; effects add up to 1.
 */
export function givenShapley({ inputs, y, noise }: GivenData, seed: bigint): number[] {
  const d = inputs.length;
  const n = y.length;
  const ranks = inputs.map(({ x }) => ranksOf(x));
  const queries = Math.min(n, 2048, Math.max(32, Math.floor(BUDGET / (n * 2 ** d))));
  const rng = streamOf(seed, 5);
  const rows = Array.from({ length: queries }, (_, at) => (queries === n ? at : rng.uniformInt(0, n - 1)));
  const mean = y.reduce((sum, value) => sum + value, 0) / n;
  const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) - noise;
  return shapleyEffects(d, (subset) => {
    if (subset === 0) return 0;
    if (sizeOf(subset) === d) return 1;
    if (sizeOf(subset) === 1) return rankFirstOrder(inputs[Math.log2(subset)]!, y, noise);
    const own = ranks.filter((_, k) => (subset >> k) & 1);
    const left = rows.reduce((sum, row) => sum + spreadAround(row, own, y), 0) / queries - noise;
    return 1 - left / variance;
  });
}

/** The variance of y among the nearest rows. Ties are broken by row number, starting at the row itself. */
function spreadAround(row: number, ranks: readonly Float64Array[], y: Float64Array): number {
  const n = y.length;
  const near = new Float64Array(NEIGHBOURS).fill(Number.POSITIVE_INFINITY);
  const found = new Uint32Array(NEIGHBOURS);
  for (let step = 0; step < n; step++) {
    const other = row + step < n ? row + step : row + step - n;
    let square = 0;
    for (const rank of ranks) {
      const distance = rank[row]! - rank[other]!;
      square += distance * distance;
    }
    if (square >= near[NEIGHBOURS - 1]!) continue;
    let at = NEIGHBOURS - 1;
    for (; at > 0 && near[at - 1]! > square; at--) {
      near[at] = near[at - 1]!;
      found[at] = found[at - 1]!;
    }
    near[at] = square;
    found[at] = other;
  }
  const values = Array.from(found, (one) => y[one]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / NEIGHBOURS;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (NEIGHBOURS - 1);
}

/** Ranks from 0 to 1; equal values have equal ranks. */
function ranksOf(x: Float64Array): Float64Array {
  const sorted = x.slice().sort();
  const place = new Map<number, number>();
  sorted.forEach((value, at) => {
    if (!place.has(value)) place.set(value, at / Math.max(1, x.length - 1));
  });
  return x.map((value) => place.get(value)!);
}
