import type { AlignedData } from './evaluator.ts';

/** Number of observations that diagnostics name. */
const WORST = 3;
/** Diagnostics list a value for each observation up to this number of them; a kept table has all. */
const MOST_POINTS = 100;

/**
 * Diagnostics of a loss about its observations: how many there are and were matched, the weighted mean of the residuals (simulated − observed), each residual in
 * the order of the data, and the observations with the largest weighted residuals, largest first.
 */
export function residualDiagnostics(data: AlignedData, means: Float64Array) {
  const { observed, weights } = data;
  const residuals = means.map((mean, i) => mean - observed[i]!);
  return {
    ...matched(data),
    bias: weightedMean(residuals.length, weights, (i) => residuals[i]!),
    ...listed('residuals', residuals),
    worst: largest(residuals.length, (i) => weights[i]! * Math.abs(residuals[i]!)).map((i) => ({
      ...point(data, i, means),
      residual: residuals[i]!,
    })),
  };
}

/** As {@link residualDiagnostics} for a likelihood: the logarithm of each observation's mean density over replicates (null for 0), the lowest ones named. */
export function densityDiagnostics(data: AlignedData, densities: Float64Array, means: Float64Array) {
  const shown = Array.from(densities, (value) => (value === Number.NEGATIVE_INFINITY ? null : value));
  return {
    ...matched(data),
    ...listed('log_densities', shown),
    worst: largest(densities.length, (i) => (data.weights[i]! > 0 ? -data.weights[i]! * densities[i]! : Number.NEGATIVE_INFINITY)).map(
      (i) => ({
        ...point(data, i, means),
        log_density: shown[i]!,
      }),
    ),
  };
}

/** An observation that has no simulated row is an error, so all are matched. */
function matched({ observed: { length } }: AlignedData) {
  return { n_observations: length, n_matched: length };
}

function listed(name: string, values: ArrayLike<number | null>) {
  return values.length > MOST_POINTS ? {} : { [name]: Array.from(values) };
}

function point({ observed, joinValues }: AlignedData, i: number, means: Float64Array) {
  return { ...joinValues(i), observed: observed[i]!, simulated: means[i]! };
}

/** The places of the largest values, largest first; of equal ones the first. */
function largest(n: number, size: (i: number) => number): number[] {
  const places: number[] = [];
  for (let i = 0; i < n; i++) {
    let at = places.length;
    while (at > 0 && size(places[at - 1]!) < size(i)) at--;
    if (at < WORST) places.splice(at, 0, i);
    if (places.length > WORST) places.pop();
  }
  return places;
}

/** Σ w value / Σ w */
export function weightedMean(n: number, weights: Float64Array, value: (i: number) => number): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    sum += weights[i]! * value(i);
    total += weights[i]!;
  }
  return sum / total;
}

/** The mean over replicates of the simulated values of each observation. */
export function meanSignal({
  observed,
  simulated,
  n_replicates,
}: Pick<AlignedData, 'observed' | 'simulated' | 'n_replicates'>): Float64Array {
  const n = observed.length;
  const means = new Float64Array(n);
  for (let k = 0, at = 0; k < n_replicates; k++) for (let i = 0; i < n; i++, at++) means[i]! += simulated[at]!;
  for (let i = 0; i < n; i++) means[i]! /= n_replicates;
  return means;
}
