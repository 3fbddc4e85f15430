import type { Rng } from '@modelops/sdk';
import type { Criterion } from './criteria.ts';

export interface Evolution {
  readonly columns: readonly Float64Array[];
  readonly criterion: Criterion;
  /** Rows before this one are not changed. */
  readonly firstFree: number;
  /** Total number of candidates to try. */
  readonly tries: number;
  readonly rng: Rng;
}

/**
 * Improves a Latin hypercube in place by exchanging values within columns; the result is the best one found.
 * Enhanced stochastic evolution: R. Jin, W. Chen and A. Sudjianto, "An efficient algorithm for constructing optimal design of computer experiments" (2005).
 */
export function evolve({ columns, criterion, firstFree, tries, rng }: Evolution): void {
  const n = columns[0]!.length;
  const free = n - firstFree;
  if (free < 2) return;
  const perStep = Math.max(1, Math.min(50, Math.floor((free * (free - 1)) / 10)));
  const steps = Math.max(1, Math.min(100, Math.floor((free * (free - 1) * columns.length) / perStep)));
  let best = criterion.value;
  let kept = columns.map((column) => column.slice());
  let threshold = 0.005 * best;
  let isExploring: 'up' | 'down' = 'down';
  for (let tried = 0; tried < tries; ) {
    const before = best;
    let [accepted, improved] = [0, 0];
    for (let step = 0; step < steps && tried < tries; step++) {
      const column = step % columns.length;
      let bestA = 0;
      let bestB = 0;
      let bestValue = Number.POSITIVE_INFINITY;
      for (let k = 0; k < perStep; k++) {
        const a = firstFree + rng.uniformInt(0, free - 1);
        const b = firstFree + ((a - firstFree + 1 + rng.uniformInt(0, free - 2)) % free);
        const value = criterion.ifSwapped(column, a, b);
        if (value >= bestValue) continue;
        bestA = a;
        bestB = b;
        bestValue = value;
      }
      tried += perStep;
      if (bestValue - criterion.value > threshold * rng.uniform()) continue;
      criterion.swap(column, bestA, bestB);
      accepted += 1;
      if (bestValue >= best) continue;
      improved += 1;
      best = bestValue;
      kept = columns.map((one) => one.slice());
    }
    const [acceptance, improvement] = [accepted / steps, improved / steps];
    if (best < before) {
      // While it improves: adjust the threshold so that a few exchanges without improvement are accepted.
      if (acceptance > 0.1 && improvement < acceptance) threshold *= 0.8;
      else if (!(acceptance > 0.1)) threshold /= 0.8;
    } else {
      if (acceptance < 0.1) isExploring = 'up';
      else if (acceptance > 0.8) isExploring = 'down';
      threshold *= isExploring === 'up' ? 1 / 0.7 : 0.9;
    }
  }
  columns.forEach((column, at) => void column.set(kept[at]!));
}
