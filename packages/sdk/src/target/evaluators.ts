/** Observations and their simulated partners, aligned. All values are finite. */
export interface AlignedData {
  readonly observed: Float64Array;
  /** Replicate k's partner of observation i is at `k * observed.length + i`. */
  readonly simulated: Float64Array;
  /** At least 0, with a positive sum; all 1 where the target names no weight. */
  readonly weights: Float64Array;
  readonly n_replicates: number;
}

/** A loss from aligned data, alone or with what explains it. Must be a pure function. */
export type Evaluator = (data: AlignedData) => number | { readonly loss: number; readonly diagnostics: Readonly<Record<string, unknown>> };

/** Weighted mean of the squared differences between the observations and the mean over replicates. */
export function meanSignalMse(): Evaluator {
  return (data) => ofMeanSignal('mean_signal_mse', data, (difference) => difference * difference);
}

/** The square root of {@link meanSignalMse}, in the unit of the data. */
export function rmse(): Evaluator {
  return (data) => {
    const { loss, diagnostics } = ofMeanSignal('rmse', data, (difference) => difference * difference);
    return { loss: Math.sqrt(loss), diagnostics };
  };
}

/** Weighted mean of the absolute differences between the observations and the mean over replicates. */
export function mae(): Evaluator {
  return (data) => ofMeanSignal('mae', data, Math.abs);
}

/** The mean over replicates of each one's weighted mean squared error: {@link meanSignalMse} plus the variance between replicates. */
export function meanReplicateMse(): Evaluator {
  return ({ observed, simulated, weights, n_replicates }) => {
    const n = observed.length;
    const losses = new Float64Array(n_replicates);
    for (let k = 0; k < n_replicates; k++) losses[k] = weightedMean(n, weights, (i) => (simulated[k * n + i]! - observed[i]!) ** 2);
    const loss = losses.reduce((sum, value) => sum + value, 0) / n_replicates;
    return {
      loss,
      diagnostics: { evaluator: 'mean_replicate_mse', n_observations: n, min: Math.min(...losses), max: Math.max(...losses) },
    };
  };
}

/** The mean over replicates of each observation's partners. */
export function meanSignal({ observed, simulated, n_replicates }: AlignedData): Float64Array {
  const n = observed.length;
  const means = new Float64Array(n);
  for (let k = 0, at = 0; k < n_replicates; k++) for (let i = 0; i < n; i++, at++) means[i]! += simulated[at]!;
  for (let i = 0; i < n; i++) means[i]! /= n_replicates;
  return means;
}

function ofMeanSignal(evaluator: string, data: AlignedData, cost: (difference: number) => number) {
  const { observed, weights } = data;
  const means = meanSignal(data);
  const n = observed.length;
  const difference = (i: number): number => means[i]! - observed[i]!;
  const loss = weightedMean(n, weights, (i) => cost(difference(i)));
  return { loss, diagnostics: { evaluator, n_observations: n, bias: weightedMean(n, weights, difference) } };
}

function weightedMean(n: number, weights: Float64Array, value: (i: number) => number): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    sum += weights[i]! * value(i);
    total += weights[i]!;
  }
  return sum / total;
}
