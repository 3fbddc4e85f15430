import type { AlignedData, Evaluator } from './evaluator.ts';
import { meanSignal, residualDiagnostics, weightedMean } from './point-diagnostics.ts';
import { replicateSpread } from './replicate-spread.ts';

/**
 * Weighted mean of the squared differences between the observations and the mean over replicates: Σ_i w_i (ȳ_i − x_i)² / Σ_i w_i with ȳ_i = (1/R) Σ_r y_ir.
 * It ignores the variance between replicates. Source: the mean squared error of forecasts, Hyndman and Koehler 2006, §2.1, doi:10.1016/j.ijforecast.2006.03.001.
 */
export function meanSignalMse(): Evaluator {
  return (data) => ofMeanSignal('mean_signal_mse', data, (difference) => difference * difference);
}

/**
 * The square root of {@link meanSignalMse}, √(Σ_i w_i (ȳ_i − x_i)² / Σ_i w_i), in the unit of the data.
 * Source: Hyndman and Koehler 2006, §2.1, doi:10.1016/j.ijforecast.2006.03.001.
 */
export function rmse(): Evaluator {
  return (data) => {
    const { loss, diagnostics } = ofMeanSignal('rmse', data, (difference) => difference * difference);
    return { loss: Math.sqrt(loss), diagnostics };
  };
}

/**
 * Weighted mean of the absolute differences between the observations and the mean over replicates: Σ_i w_i |ȳ_i − x_i| / Σ_i w_i.
 * Source: Hyndman and Koehler 2006, §2.1, doi:10.1016/j.ijforecast.2006.03.001.
 */
export function mae(): Evaluator {
  return (data) => ofMeanSignal('mae', data, Math.abs);
}

/**
 * Mean over replicates of the weighted mean squared error of each: (1/R) Σ_r Σ_i w_i (y_ir − x_i)² / Σ_i w_i. It is {@link meanSignalMse} plus the weighted
 * mean of the variance between replicates (divided by R). Source: the bias-variance decomposition, Hastie, Tibshirani and Friedman 2009, The Elements of
 * Statistical Learning, §7.3, doi:10.1007/978-0-387-84858-7.
 */
export function meanReplicateMse(): Evaluator {
  return (data) => {
    const { observed, simulated, weights, n_replicates } = data;
    const n = observed.length;
    const losses = new Float64Array(n_replicates);
    for (let k = 0; k < n_replicates; k++) losses[k] = weightedMean(n, weights, (i) => (simulated[k * n + i]! - observed[i]!) ** 2);
    let [sum, min, max] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of losses) [sum, min, max] = [sum + value, Math.min(min, value), Math.max(max, value)];
    const loss = sum / n_replicates;
    const residuals = residualDiagnostics(data, meanSignal(data));
    return { loss, diagnostics: { evaluator: 'mean_replicate_mse', ...residuals, min, max, ...replicateSpread(losses) } };
  };
}

function ofMeanSignal(evaluator: string, data: AlignedData, cost: (difference: number) => number) {
  const { observed, weights } = data;
  const means = meanSignal(data);
  const loss = weightedMean(observed.length, weights, (i) => cost(means[i]! - observed[i]!));
  return { loss, diagnostics: { evaluator, ...residualDiagnostics(data, means) } };
}
