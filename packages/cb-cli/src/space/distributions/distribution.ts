/** A distribution of real numbers. Probabilities are pairs, below and above, so that neither tail loses precision. */
export interface Distribution {
  /** Probability of a value at most x, and of a value above x. */
  tails(x: number): Tails;
  /** The value with these tails, which add up to 1. */
  quantile(tails: Tails): number;
}

export interface Tails {
  readonly below: number;
  readonly above: number;
}

/**
 * The root of an increasing function between `low` and `high`: Newton steps, replaced by bisection where they leave the bracket.
 * @param at the function's value and slope.
 */
export function solve(
  at: (t: number) => { readonly value: number; readonly slope: number },
  low: number,
  high: number,
  start: number,
): number {
  let [from, to, t] = [low, high, Math.min(high, Math.max(low, start))];
  for (let step = 0; step < 200; step++) {
    const { value, slope } = at(t);
    if (value === 0) return t;
    if (value < 0) from = t;
    else to = t;
    const newton = t - value / slope;
    const next = newton > from && newton < to ? newton : (from + to) / 2;
    if (Math.abs(next - t) <= 2e-16 * Math.max(1, Math.abs(t))) return next;
    t = next;
  }
  return t;
}
