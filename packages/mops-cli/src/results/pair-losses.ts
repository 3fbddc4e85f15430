import type { PairedLosses } from '../documents/results.ts';
import type { Loss } from './loss.ts';

/** A loss as it is paired. */
export type PairableLoss = Pick<Loss, 'param_id' | 'target' | 'loss'>;

/**
 * The paired losses of each target of either job, in alphabetical order. Of duplicates within a job, the first is used. If a set has the same seeds in
 * both jobs, pairing by set is pairing by seed.
 *
 * The interval of the mean of the differences d_i = b_i − a_i over n sets is d̄ ± t · s/√n, with s² = Σ_i (d_i − d̄)² / (n − 1) and t the 97.5 % quantile of
 * Student's t with n − 1 degrees of freedom. Source: the paired t interval, Student 1908, doi:10.1093/biomet/6.1.1.
 */
export function pairLosses(a: readonly PairableLoss[], b: readonly PairableLoss[]): PairedLosses[] {
  const targets = [...new Set([...a, ...b].map(({ target }) => target))].sort();
  return targets.map((target) => pairTarget(target, lossesOf(a, target), lossesOf(b, target)));
}

function lossesOf(losses: readonly PairableLoss[], target: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const row of losses) if (row.target === target && row.loss !== null && !found.has(row.param_id)) found.set(row.param_id, row.loss);
  return found;
}

function pairTarget(target: string, a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): PairedLosses {
  const pairs = [...a].flatMap(([set, loss]) => (b.has(set) ? [[loss, b.get(set)!] as const] : []));
  const differences = pairs.map(([first, second]) => second - first);
  const mean = meanOf(differences);
  return {
    target,
    pairs: pairs.length,
    only_a: a.size - pairs.length,
    only_b: b.size - pairs.length,
    mean_a: meanOf(pairs.map(([loss]) => loss)),
    mean_b: meanOf(pairs.map(([, loss]) => loss)),
    mean_difference: mean,
    interval: mean === null ? null : intervalOf(differences, mean),
    lower: differences.filter((difference) => difference < 0).length,
    higher: differences.filter((difference) => difference > 0).length,
    best_a: lowest(a.values()),
    best_b: lowest(b.values()),
  };
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function lowest(values: Iterable<number>): number | null {
  let found: number | null = null;
  for (const value of values) if (found === null || value < found) found = value;
  return found;
}

function intervalOf(values: readonly number[], mean: number): readonly [number, number] | null {
  const n = values.length;
  if (n < 2) return null;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = tQuantile975(n - 1) * Math.sqrt(variance / n);
  return [mean - half, mean + half];
}

const T_975 = [12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.306, 2.26216, 2.22814, 2.20099, 2.17881, 2.16037, 2.14479];

/** The 97.5 % quantile of Student's t: from a table up to 14 degrees of freedom, then by Cornish and Fisher's expansion (error below 0.0001). */
export function tQuantile975(degrees: number): number {
  const known = T_975[degrees - 1];
  if (known !== undefined) return known;
  const z = 1.959963985;
  const terms = [(z ** 3 + z) / 4, (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96, (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384];
  return terms.reduce((sum, term, at) => sum + term / degrees ** (at + 1), z);
}
