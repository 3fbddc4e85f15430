/** An estimate with its interval; null if the interval cannot be estimated. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** `size` of the rows, drawn without replacement and sorted. @param draw returns a random whole number below its argument */
export function drawRows(rows: Uint32Array, size: number, draw: (n: number) => number): Uint32Array {
  const order = rows.slice();
  for (let at = 0; at < size; at++) {
    const other = at + draw(order.length - at);
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order.slice(0, size).sort();
}

/**
 * Random halves of 0 … n − 1, for estimators that rows drawn twice would bias: the spread over halves is that of the estimate (delete-half
 * jackknife).
 */
export function randomHalves(n: number, times: number, draw: (n: number) => number): Uint32Array[] {
  const rows = Uint32Array.from({ length: n }, (_, at) => at);
  return Array.from({ length: times }, () => drawRows(rows, Math.floor(n / 2), draw));
}

/** A value with the 95 % interval from the spread over halves. */
export function jackknifed(value: number, overHalves: readonly number[]): Estimate {
  if (overHalves.length < 2) return { value, low: null, high: null };
  const mean = overHalves.reduce((sum, one) => sum + one, 0) / overHalves.length;
  const variance = overHalves.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (overHalves.length - 1);
  const reach = 1.959963984540054 * Math.sqrt(variance);
  return { value, low: value - reach, high: value + reach };
}
