import type { Rng } from '@modelops/sdk';
import { permutation } from '../stream.ts';
import type { Place } from './hypercube.ts';

/** The prime p with p² = n, or undefined. */
export function primeRoot(n: number): number | undefined {
  const p = Math.round(Math.sqrt(n));
  if (p * p !== n || p < 2) return undefined;
  for (let divisor = 2; divisor * divisor <= p; divisor++) if (p % divisor === 0) return undefined;
  return p;
}

/**
 * A Latin hypercube of p² points in up to p + 1 dimensions whose every pair of columns has one point in each of the p² squares of a p × p grid.
 * An orthogonal array of strength 2 (Bush, 1952) with random levels, turned into a Latin hypercube after B. Tang (1993).
 */
export function orthogonalColumns(p: number, dimensions: number, place: Place, rng: Rng): Float64Array[] {
  const n = p * p;
  const rows = permutation(n, rng);
  return Array.from({ length: dimensions }, (_, column) => {
    const relabel = permutation(p, rng);
    const level = (row: number) => {
      const [a, b] = [Math.floor(row / p), row % p];
      return relabel[column === 0 ? a : (b + (column - 1) * a) % p]!;
    };
    // The p rows of each level get its p cells in random order.
    const cells = Array.from({ length: p }, () => permutation(p, rng));
    const used = new Uint32Array(p);
    return Float64Array.from(rows, (row) => {
      const at = level(row);
      const cell = at * p + cells[at]![used[at]!]!;
      used[at]! += 1;
      return Math.min((cell + (place === 'centred' ? 0.5 : rng.uniform())) / n, 1 - 2 ** -53);
    });
  });
}
