import {
  blockOf,
  bootstrapEstimates,
  centred,
  type Estimate,
  pairsOf,
  productOf,
  type Responses,
  type SaltelliOptions,
} from '@modelops/report/sensitivity';
import { shapleyEffects } from './shapley.ts';

/** True if the pairs of a block's rows cover every subset of parameters: AB_i and AB_j share all but i and j, BA_i and AB_j only i and j. */
export function hasSaltelliShapley({ d, secondOrder }: Pick<SaltelliOptions, 'd' | 'secondOrder'>): boolean {
  return d >= 2 && d <= (secondOrder ? 5 : 4);
}

/** Shapley effects of a Saltelli design of few parameters: two rows of a block that share a subset have the covariance that the subset explains. */
export function saltelliShapley(responses: Responses, options: SaltelliOptions): Estimate[] {
  const { d, secondOrder, bootstraps, draw } = options;
  const block = blockOf(options);
  const all = 2 ** d - 1;
  // By subset, the pairs of positions in a block that share it.
  const shared = new Map<number, (readonly [number, number])[]>();
  const add = (subset: number, i: number, j: number) => shared.set(subset, [...(shared.get(subset) ?? []), [i, j]]);
  for (let k = 0; k < d; k++) {
    add(1 << k, block.b, block.ab(k));
    add(all ^ (1 << k), block.a, block.ab(k));
    if (!secondOrder) continue;
    add(1 << k, block.a, block.ba(k));
    add(all ^ (1 << k), block.b, block.ba(k));
  }
  for (const [i, j] of pairsOf(d)) {
    add(all ^ (1 << i) ^ (1 << j), block.ab(i), block.ab(j));
    if (!secondOrder) continue;
    add((1 << i) | (1 << j), block.ba(i), block.ab(j));
    add((1 << i) | (1 << j), block.ba(j), block.ab(i));
    add(all ^ (1 << i) ^ (1 << j), block.ba(i), block.ba(j));
  }
  const subsets = [...shared];
  const values = centred(responses);
  const n = Math.floor(values.y.length / block.size);
  // For each subset: the sums of products, of squares and of values, and the number of pairs.
  const width = 4 * subsets.length;
  const rows = new Float64Array(n * width);
  for (let point = 0; point < n; point++) {
    subsets.forEach(([, places], at) => {
      const out = point * width + 4 * at;
      for (const [i, j] of places) {
        const [first, second] = [point * block.size + i, point * block.size + j];
        if (Number.isNaN(values.y[first]! + values.y[second]!)) continue;
        rows[out] = rows[out]! + productOf(values, first, second);
        rows[out + 1] = rows[out + 1]! + (productOf(values, first, first) + productOf(values, second, second)) / 2;
        rows[out + 2] = rows[out + 2]! + (values.y[first]! + values.y[second]!) / 2;
        rows[out + 3] = rows[out + 3]! + 1;
      }
    });
  }
  const statistics = (sums: Float64Array) => {
    const explained = new Map<number, number>([
      [0, 0],
      [all, 1],
    ]);
    subsets.forEach(([subset], at) => {
      const [product, square, value, count] = [0, 1, 2, 3].map((k) => sums[4 * at + k]!) as [number, number, number, number];
      const mean = value / count;
      explained.set(subset, (product / count - mean * mean) / (square / count - mean * mean));
    });
    return shapleyEffects(d, (subset) => explained.get(subset)!);
  };
  return bootstrapEstimates({ rows, width }, statistics, bootstraps, draw);
}
