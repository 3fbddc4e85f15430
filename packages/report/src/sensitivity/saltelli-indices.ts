import { bootstrapEstimates, type Draw } from './bootstrap.ts';
import type { Estimate } from './half-samples.ts';
import type { Responses } from './responses.ts';

export const ESTIMATORS = ['saltelli', 'jansen', 'janon'] as const;
export type Estimator = (typeof ESTIMATORS)[number];

export interface SaltelliOptions {
  /** Parameters that vary. */
  readonly d: number;
  readonly secondOrder: boolean;
  readonly estimator: Estimator;
  readonly bootstraps: number;
  /** Draws the resamples. */
  readonly draw: Draw;
}

export interface SaltelliIndices {
  readonly first: readonly Estimate[];
  readonly total: readonly Estimate[];
  /** For the pairs i < j, in that order; empty without second order. */
  readonly second: readonly Estimate[];
  /** The share of base points that each first-order index, total index and pair is computed from. */
  readonly coverage: { readonly first: readonly number[]; readonly total: readonly number[]; readonly second: readonly number[] };
}

/** The positions of a block's rows: A, AB₁ … AB_d, with second order BA₁ … BA_d, then B. */
interface Block {
  readonly size: number;
  readonly a: number;
  readonly b: number;
  readonly ab: (k: number) => number;
  readonly ba: (k: number) => number;
}

/**
 * First-order and total indices of a Saltelli design. `saltelli`: Saltelli et al. (2010) and, for totals, Jansen (1999), as SALib; `jansen`: Jansen for both;
 * `janon`: Janon et al. (2014) for both. A missing row removes its base point only from the indices that need it. The noise of replicates is subtracted
 * from variances and squared differences.
 */
export function saltelliIndices(responses: Responses, options: SaltelliOptions): SaltelliIndices {
  const { d, bootstraps, draw } = options;
  const block = blockOf(options);
  const n = Math.floor(responses.y.length / block.size);
  const { contributions, read, coverage } = momentsOf(centred(responses), block, n, options);
  return { ...byKind(bootstrapEstimates(contributions, read, bootstraps, draw), d), coverage };
}

/** The parts of what is computed for each first-order index, each total index and each pair. */
function byKind<T>(values: readonly T[], d: number) {
  return { first: values.slice(0, d), total: values.slice(d, 2 * d), second: values.slice(2 * d) };
}

export function blockOf({ d, secondOrder }: Pick<SaltelliOptions, 'd' | 'secondOrder'>): Block {
  const size = secondOrder ? 2 * d + 2 : d + 2;
  return { size, a: 0, b: size - 1, ab: (k) => 1 + k, ba: (k) => 1 + d + k };
}

/** The responses minus their mean, which reduces the noise of the estimators. */
export function centred({ y, noise, set }: Responses): Responses {
  let [sum, n] = [0, 0];
  for (const value of y) {
    if (Number.isNaN(value)) continue;
    sum += value;
    n += 1;
  }
  const mean = n === 0 ? 0 : sum / n;
  return { y: y.map((value) => value - mean), noise, set };
}

/** The product of two responses, without the noise that they share. */
export function productOf({ y, noise, set }: Responses, i: number, j: number): number {
  return y[i]! * y[j]! - (i === j || set[i] === set[j] ? noise[i]! : 0);
}

/**
 * The contribution of each base point to the sums of the estimators: A and B for the variance, the pairs of each index, and their counts if rows are
 * missing.
 */
function momentsOf(responses: Responses, block: Block, n: number, { d, secondOrder, estimator }: SaltelliOptions) {
  const { y } = responses;
  const pairs = secondOrder ? pairsOf(d) : [];
  const all = Array.from({ length: d }, (_, k) => k);
  const hasMissing = y.some(Number.isNaN);
  // If rows are missing, Jansen's estimator uses the variance of the same pairs, which makes it Janon's.
  const isJanon = estimator === 'janon' || (estimator === 'jansen' && hasMissing);
  const perIndex = isJanon ? 3 : 1;
  const indices = 2 * d + pairs.length;
  // Variance: Σ, Σ², and the number of values; then each index's sums; then each index's count.
  const firstCount = 3 + indices * perIndex;
  const width = firstCount + (hasMissing ? indices : 0);
  const rows = new Float64Array(n * width);
  const totals = new Float64Array(indices);
  const product = (i: number, j: number) => productOf(responses, i, j);
  const compared = (i: number, j: number) =>
    isJanon
      ? [product(i, j), (product(i, i) + product(j, j)) / 2, (y[i]! + y[j]!) / 2]
      : [product(i, i) + product(j, j) - 2 * product(i, j)];
  for (let point = 0; point < n; point++) {
    const start = point * block.size;
    const out = point * width;
    const [a, b] = [start + block.a, start + block.b];
    for (const own of [a, b]) {
      if (Number.isNaN(y[own]!)) continue;
      rows[out] = rows[out]! + y[own]!;
      rows[out + 1] = rows[out + 1]! + product(own, own);
      rows[out + 2] = rows[out + 2]! + 1;
    }
    const add = (index: number, isWhole: boolean, sums: () => readonly number[]) => {
      if (!isWhole) return;
      totals[index] = totals[index]! + 1;
      if (hasMissing) rows[out + firstCount + index] = 1;
      sums().forEach((sum, at) => {
        rows[out + 3 + index * perIndex + at] = sum;
      });
    };
    const has = (...at: readonly number[]) => at.every((row) => !Number.isNaN(y[row]!));
    for (let k = 0; k < d; k++) {
      const ab = start + block.ab(k);
      if (estimator === 'saltelli') add(k, has(a, b, ab), () => [product(b, ab) - product(a, b)]);
      else add(k, has(b, ab), () => compared(b, ab));
      add(d + k, has(a, ab), () => compared(a, ab));
    }
    pairs.forEach(([i, j], at) => {
      const [abj, bai] = [start + block.ab(j), start + block.ba(i)];
      add(2 * d + at, has(a, b, abj, bai), () => [product(bai, abj) - product(a, b)]);
    });
  }
  const countOf = (sums: Float64Array, index: number) => (hasMissing ? sums[firstCount + index]! : n);
  const read = (sums: Float64Array) => {
    const variance = sums[1]! / sums[2]! - (sums[0]! / sums[2]!) ** 2;
    const mean = (index: number, at = 0) => sums[3 + index * perIndex + at]! / countOf(sums, index);
    const correlation = (index: number) => (mean(index, 0) - mean(index, 2) ** 2) / (mean(index, 1) - mean(index, 2) ** 2);
    const first = (k: number) => (isJanon ? correlation(k) : estimator === 'saltelli' ? mean(k) / variance : 1 - mean(k) / (2 * variance));
    const total = (k: number) => (isJanon ? 1 - correlation(d + k) : mean(d + k) / (2 * variance));
    return [...all.map(first), ...all.map(total), ...pairs.map(([i, j], at) => mean(2 * d + at) / variance - first(i) - first(j))];
  };
  const shares = Array.from(totals, (count) => count / n);
  return { contributions: { rows, width }, read, coverage: byKind(shares, d) };
}

/** Pairs i < j of d parameters. */
export function pairsOf(d: number): (readonly [number, number])[] {
  return Array.from({ length: d }, (_, i) => Array.from({ length: d - i - 1 }, (_, k) => [i, i + k + 1] as const)).flat();
}
