import { createRng } from '@modelops/sdk';

/** Draws `size` items without replacement, all of them if there are fewer; the same for the same seed. In the given order. */
export function drawSample<T>(items: readonly T[], size: number, seed: number): T[] {
  const rng = createRng(seed);
  // Floyd's algorithm (Bentley and Floyd 1987): one draw per item, and memory only for the sample.
  const chosen = new Set<number>();
  for (let last = Math.max(0, items.length - size); last < items.length; last++) {
    const at = rng.uniformInt(0, last);
    chosen.add(chosen.has(at) ? last : at);
  }
  return [...chosen].sort((a, b) => a - b).map((at) => items[at]!);
}

const CONFIDENCE = 0.95;

/**
 * The upper end of the one-sided 95 % confidence interval of a share (Clopper and Pearson 1934): the largest p for which `found` or fewer of `n`
 * draws still have a probability of 5 %. With none found it is 1 − 0.05^(1/n).
 */
export function largestShare(found: number, n: number): number {
  if (found >= n) return 1;
  if (found === 0) return 1 - (1 - CONFIDENCE) ** (1 / n);
  let [low, high] = [found / n, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (atMost(found, n, middle) > 1 - CONFIDENCE) low = middle;
    else high = middle;
  }
  return high;
}

/** P(X ≤ k) for X ~ Binomial(n, p), 0 < p < 1. */
function atMost(k: number, n: number, p: number): number {
  let logTerm = n * Math.log1p(-p);
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(logTerm);
  }
  return sum;
}
