/** An estimate with its interval; null where the data do not give it. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Random halves of 0 … n − 1, for estimators that rows drawn twice would bias: the spread over halves is that of the estimate (delete-half jackknife). `draw` gives a number below n. */
export function randomHalves(n: number, times: number, draw: (n: number) => number): Uint32Array[] {
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
