import { frequenciesOf } from '../designs/fast.ts';

/**
 * First-order and total index of each parameter from its curve of `n` responses; undefined for a curve with a missing row, which has no spectrum.
 * Saltelli, Tarantola and Chan (1999).
 */
export function fastIndices(y: Float64Array, d: number, n: number, interference: number) {
  return Array.from({ length: d }, (_, k) =>
    curveIndices(y.subarray(k * n, (k + 1) * n), frequenciesOf(d, k, n, interference)[k]!, interference),
  );
}

function curveIndices(curve: Float64Array, frequency: number, interference: number) {
  if (curve.some(Number.isNaN)) return undefined;
  const n = curve.length;
  const mean = curve.reduce((sum, y) => sum + y, 0) / n;
  // By Parseval's theorem, the variance is the sum of all powers.
  const variance = curve.reduce((sum, y) => sum + (y - mean) ** 2, 0) / n;
  const power = (k: number) => {
    let [re, im] = [0, 0];
    for (let row = 0; row < n; row++) {
      const angle = (2 * Math.PI * ((k * row) % n)) / n;
      re += curve[row]! * Math.cos(angle);
      im += curve[row]! * Math.sin(angle);
    }
    return (2 * (re * re + im * im)) / (n * n);
  };
  let [own, others] = [0, 0];
  for (let harmonic = 1; harmonic <= interference; harmonic++) own += power(harmonic * frequency);
  for (let k = 1; k <= Math.floor(frequency / 2); k++) others += power(k);
  return { first: own / variance, total: 1 - others / variance };
}
