import { ModelOpsError } from '@modelops/contracts';
import type { AlignedData, Evaluator } from './evaluator.ts';
import { logBeta, logChoose, logGamma } from './log-gamma.ts';
import { densityDiagnostics, meanSignal } from './point-diagnostics.ts';
import { replicateSpread } from './replicate-spread.ts';

/** The log-density of one observation; `at` is the position of the simulated value, replicate × observations + observation. */
type RowTerm = (observation: number, at: number) => number;

/**
 * Gaussian log-likelihood with the simulated value as its mean: log N(x; μ, σ) = −(x − μ)² / 2σ² − log σ − ½ log 2π.
 * Source: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 13; as SciPy's `norm.logpdf`.
 * @param sd standard deviation σ > 0: a number, or the observed column that contains it
 */
export function gaussianLogLikelihood({ sd }: { readonly sd: number | string }): LikelihoodEvaluator {
  return logLikelihood('gaussian', (data) => {
    const deviations = parameterOf(data, 'sd', sd);
    return (i, at) =>
      -(((data.observed[i]! - data.simulated[at]!) / deviations[i]!) ** 2) / 2 - Math.log(deviations[i]!) - Math.log(2 * Math.PI) / 2;
  });
}

/**
 * Poisson log-likelihood with the simulated value as its mean: x log λ − λ − log x!. Observations are counts.
 * Source: Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, ch. 4, doi:10.1002/0471715816; as SciPy's `poisson.logpmf`.
 */
export function poissonLogLikelihood(): LikelihoodEvaluator {
  return logLikelihood('poisson', (data) => (i, at) => {
    const [count, mean] = [countOf(data, i), data.simulated[at]!];
    if (mean < 0) return Number.NEGATIVE_INFINITY;
    if (mean === 0) return logIndicator(count === 0);
    return count * Math.log(mean) - mean - logGamma(count + 1);
  });
}

/**
 * Negative binomial log-likelihood with the simulated value μ as its mean and the variance μ + μ² / k:
 * log Γ(x + k) − log Γ(k) − log x! + k log(k / (k + μ)) + x log(μ / (k + μ)). Observations are counts.
 * Source: Lloyd-Smith 2007, doi:10.1371/journal.pone.0000180; as SciPy's `nbinom.logpmf` with n = k and p = k / (k + μ).
 * @param dispersion k > 0: a number, or the observed column that contains it
 */
export function negativeBinomialLogLikelihood({ dispersion }: { readonly dispersion: number | string }): LikelihoodEvaluator {
  return logLikelihood('negative_binomial', (data) => {
    const sizes = parameterOf(data, 'dispersion', dispersion);
    return (i, at) => {
      const [count, size, mean] = [countOf(data, i), sizes[i]!, data.simulated[at]!];
      if (mean < 0) return Number.NEGATIVE_INFINITY;
      if (mean === 0) return logIndicator(count === 0);
      return (
        logGamma(count + size) -
        logGamma(size) -
        logGamma(count + 1) -
        size * Math.log1p(mean / size) +
        count * Math.log(mean / (size + mean))
      );
    };
  });
}

/**
 * Binomial log-likelihood with the simulated value as the probability p: log C(n, x) + x log p + (n − x) log(1 − p). Observations are counts.
 * Source: Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, ch. 3, doi:10.1002/0471715816; as SciPy's `binom.logpmf`.
 * @param trials n: a number, or the observed column that contains it
 */
export function binomialLogLikelihood({ trials }: { readonly trials: number | string }): LikelihoodEvaluator {
  const evaluator = logLikelihood('binomial', (data) => {
    const sizes = parameterOf(data, 'trials', trials);
    return (i, at) => {
      const [count, n, p] = [countOf(data, i), sizes[i]!, data.simulated[at]!];
      if (count > n || p < 0 || p > 1) return Number.NEGATIVE_INFINITY;
      if (p === 0 || p === 1) return logIndicator(count === n * p);
      return logChoose(n, count) + count * Math.log(p) + (n - count) * Math.log1p(-p);
    };
  });
  return Object.assign(evaluator, { shares: { observedTrials: trials } });
}

/**
 * Beta-binomial log-likelihood: the simulation counts `value` positives among `simulatedTrials`, and the probability behind both counts has a Beta(α, β) prior.
 * With a = simulated positives + α and b = simulated negatives + β: log C(n, x) + log B(x + a, n − x + b) − log B(a, b). Observations are counts.
 * Source: Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, §6.2.2, doi:10.1002/0471715816; as SciPy's `betabinom.logpmf`.
 * @param trials n: the observed column with the number of trials, or a number
 * @param simulatedTrials the simulated column with the number of trials
 * @param prior α, β > 0; by default 1, 1
 */
export function betaBinomialLogLikelihood({
  trials,
  simulatedTrials,
  prior: [alpha, beta] = [1, 1],
}: {
  readonly trials: number | string;
  readonly simulatedTrials: string;
  readonly prior?: readonly [alpha: number, beta: number];
}): LikelihoodEvaluator {
  const evaluator = logLikelihood('beta_binomial', (data) => {
    const sizes = parameterOf(data, 'trials', trials);
    const simulatedSizes = data.simulatedColumn(simulatedTrials);
    return (i, at) => {
      const [count, n, positives] = [countOf(data, i), sizes[i]!, data.simulated[at]!];
      const [a, b] = [positives + alpha, simulatedSizes[at]! - positives + beta];
      if (count > n || a <= 0 || b <= 0) return Number.NEGATIVE_INFINITY;
      return logChoose(n, count) + logBeta(count + a, n - count + b) - logBeta(a, b);
    };
  });
  return Object.assign(evaluator, { shares: { trials: simulatedTrials, observedTrials: trials } });
}

/** log((e^a + e^b + …) / n), without overflow; −∞ if every value is. */
export function logMeanExp(values: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < values.length; k++) largest = Math.max(largest, values[k]!);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += Math.exp(values[k]! - largest);
  return largest + Math.log(sum / values.length);
}

export type LikelihoodDiagnostics = Readonly<Record<string, unknown>> & {
  /** log((1/R) Σ exp L_r); null for −∞. */
  readonly log_marginal: number | null;
};

/** A log-likelihood as an evaluator. Joint likelihoods use its parts: they add targets before they average over replicates. */
export interface LikelihoodEvaluator extends Evaluator {
  /** L_r by replicate: the weighted sum of the log-densities of all observations given replicate r; −∞ if one is impossible. */
  logLikelihoods(data: AlignedData): Float64Array;
  /** Diagnostics of its L_r. */
  describe(data: AlignedData, logs: Float64Array): LikelihoodDiagnostics;
}

/**
 * The loss −log((1/R) Σ exp L_r): L_r is the weighted sum of the log-densities of all observations given replicate r, so replicates are averaged as likelihoods
 * (a Monte Carlo estimate of the marginal likelihood).
 */
function logLikelihood(evaluator: string, termOf: (data: AlignedData) => RowTerm): LikelihoodEvaluator {
  const logLikelihoods: LikelihoodEvaluator['logLikelihoods'] = (data) => {
    const { observed, weights, n_replicates } = data;
    const n = observed.length;
    const term = termOf(data);
    const byReplicate = new Float64Array(n_replicates);
    for (let k = 0; k < n_replicates; k++) {
      for (let i = 0; i < n; i++) if (weights[i]! > 0) byReplicate[k]! += weights[i]! * term(i, k * n + i);
    }
    return byReplicate;
  };
  const describe: LikelihoodEvaluator['describe'] = (data, logs) => {
    const densities = densityDiagnostics(data, densitiesOf(data, termOf(data)), meanSignal(data));
    const logMarginal = logMeanExp(logs);
    return { evaluator, ...densities, ...rangeOfLogs(logs), log_marginal: Number.isFinite(logMarginal) ? logMarginal : null };
  };
  const evaluate: Evaluator = (data) => {
    const logs = logLikelihoods(data);
    const logMarginal = logMeanExp(logs);
    if (logMarginal === Number.NEGATIVE_INFINITY) throw impossible(evaluator, data, termOf(data));
    return { loss: -logMarginal, diagnostics: describe(data, logs) };
  };
  return Object.assign(evaluate, { logLikelihoods, describe });
}

/**
 * The lowest and highest log-likelihood of the replicates that are possible, and how many are not; the mean and its standard error of the losses −L_r of the
 * single replicates, null if one is impossible. By Jensen's inequality the loss is at most their mean.
 */
export function rangeOfLogs(logs: Float64Array) {
  const possible = logs.filter((value) => value !== Number.NEGATIVE_INFINITY);
  const range = possible.reduce<[number, number] | undefined>(
    (held, value) => (held === undefined ? [value, value] : [Math.min(held[0], value), Math.max(held[1], value)]),
    undefined,
  );
  const spread = replicateSpread(logs.map((value) => -value));
  return { log_likelihood: { min: range?.[0] ?? null, max: range?.[1] ?? null }, n_impossible: logs.length - possible.length, ...spread };
}

/**
 * The logarithm of the mean over replicates of each observation's density: the pointwise predictive density of Gelman, Hwang and Vehtari 2014, eq. 5,
 * doi:10.1007/s11222-013-9416-2.
 */
function densitiesOf({ observed, weights, n_replicates }: AlignedData, term: RowTerm): Float64Array {
  const n = observed.length;
  const ofRow = new Float64Array(n_replicates);
  return Float64Array.from({ length: n }, (_, i) => {
    if (!(weights[i]! > 0)) return 0;
    for (let k = 0; k < n_replicates; k++) ofRow[k] = term(i, k * n + i);
    return logMeanExp(ofRow);
  });
}

/** Names an observation that has probability 0 given the first replicate. */
function impossible(evaluator: string, data: AlignedData, term: RowTerm): ModelOpsError {
  const n = data.observed.length;
  const i =
    Array.from({ length: n }, (_, row) => row).find((row) => data.weights[row]! > 0 && term(row, row) === Number.NEGATIVE_INFINITY) ?? 0;
  return new ModelOpsError(
    'TARGET_INVALID',
    `the ${evaluator} log-likelihood is −∞ in every replicate: the observation ${data.observed[i]} has probability 0 given the simulated value ${data.simulated[i]}`,
    { hint: 'bound the simulated values away from impossible ones, or use a likelihood with more variance' },
  );
}

function logIndicator(isPossible: boolean): number {
  return isPossible ? 0 : Number.NEGATIVE_INFINITY;
}

function countOf({ observed }: AlignedData, i: number): number {
  const count = observed[i]!;
  if (Number.isInteger(count) && count >= 0) return count;
  throw new ModelOpsError('TARGET_INVALID', `observation ${i} is ${count}, not a count`, {
    hint: 'use gaussianLogLikelihood for values that are not counts',
  });
}

/** A positive parameter of each observation, from a number or an observed column. */
function parameterOf(data: AlignedData, name: string, given: number | string): Float64Array {
  const values = typeof given === 'number' ? new Float64Array(data.observed.length).fill(given) : data.observedColumn(given);
  const bad = values.findIndex((value) => !(value > 0));
  if (bad < 0) return values;
  const where = typeof given === 'number' ? '' : ` in row ${bad} of column ${given}`;
  throw new ModelOpsError('TARGET_INVALID', `${name} is ${values[bad]}${where}; it must be positive`);
}
