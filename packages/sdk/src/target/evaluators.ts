/** Observations and the simulated values that they are compared with. All values are finite. */
export interface AlignedData {
  readonly observed: Float64Array;
  /** The value of replicate k for observation i is at `k * observed.length + i`. */
  readonly simulated: Float64Array;
  /** At least 0, with a positive sum; all 1 if the target has no weight column. */
  readonly weights: Float64Array;
  readonly n_replicates: number;
  /** Another numeric column of the observed data, one value per observation. @throws TARGET_INVALID */
  observedColumn(name: string): Float64Array;
  /** Another numeric column of the output, ordered as `simulated`. @throws TARGET_INVALID */
  simulatedColumn(name: string): Float64Array;
  /** The values of observation i in the join columns. */
  joinValues(i: number): Readonly<Record<string, boolean | number | string>>;
}

/** Computes a loss from aligned data, alone or with diagnostics. Must be a pure function. */
export type Evaluator = (data: AlignedData) => number | { readonly loss: number; readonly diagnostics: Readonly<Record<string, unknown>> };

/**
 * Weighted mean of the squared differences between the observations and the mean over replicates: Σ_i w_i (ȳ_i − x_i)² / Σ_i w_i with ȳ_i = (1/R) Σ_r y_ir.
 * It ignores the variance between replicates.
 */
export function meanSignalMse(): Evaluator {
  return (data) => ofMeanSignal('mean_signal_mse', data, (difference) => difference * difference);
}

/** The square root of {@link meanSignalMse}, √(Σ_i w_i (ȳ_i − x_i)² / Σ_i w_i), in the unit of the data. */
export function rmse(): Evaluator {
  return (data) => {
    const { loss, diagnostics } = ofMeanSignal('rmse', data, (difference) => difference * difference);
    return { loss: Math.sqrt(loss), diagnostics };
  };
}

/** Weighted mean of the absolute differences between the observations and the mean over replicates: Σ_i w_i |ȳ_i − x_i| / Σ_i w_i. */
export function mae(): Evaluator {
  return (data) => ofMeanSignal('mae', data, Math.abs);
}

/**
 * Mean over replicates of the weighted mean squared error of each: (1/R) Σ_r Σ_i w_i (y_ir − x_i)² / Σ_i w_i. It is {@link meanSignalMse} plus the weighted
 * mean of the variance between replicates (divided by R), the bias-variance decomposition of the squared error.
 */
export function meanReplicateMse(): Evaluator {
  return ({ observed, simulated, weights, n_replicates }) => {
    const n = observed.length;
    const losses = new Float64Array(n_replicates);
    for (let k = 0; k < n_replicates; k++) losses[k] = weightedMean(n, weights, (i) => (simulated[k * n + i]! - observed[i]!) ** 2);
    let [sum, min, max] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of losses) [sum, min, max] = [sum + value, Math.min(min, value), Math.max(max, value)];
    const loss = sum / n_replicates;
    const standard_error = n_replicates < 2 ? null : Math.sqrt(squaredDistance(losses, loss) / (n_replicates - 1) / n_replicates);
    return { loss, diagnostics: { evaluator: 'mean_replicate_mse', n_observations: n, min, max, standard_error } };
  };
}

function squaredDistance(values: Float64Array, from: number): number {
  let sum = 0;
  for (const value of values) sum += (value - from) ** 2;
  return sum;
}

/** The mean over replicates of the simulated values of each observation. */
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
  const bias = weightedMean(n, weights, difference);
  return { loss, diagnostics: { evaluator, n_observations: n, bias, worst: worstPoints(data, means) } };
}

/** Number of observations that diagnostics name. */
const WORST = 3;

/** The observations with the largest weighted residuals, largest first. */
function worstPoints({ observed, weights, joinValues }: AlignedData, means: Float64Array) {
  const worst: number[] = [];
  const size = (i: number): number => weights[i]! * Math.abs(means[i]! - observed[i]!);
  for (let i = 0; i < observed.length; i++) {
    let at = worst.length;
    while (at > 0 && size(worst[at - 1]!) < size(i)) at--;
    if (at < WORST) worst.splice(at, 0, i);
    if (worst.length > WORST) worst.pop();
  }
  return worst.map((i) => ({ ...joinValues(i), observed: observed[i]!, simulated: means[i]!, residual: means[i]! - observed[i]! }));
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
