import { expect, it } from 'vitest';
import { defineTarget } from './define-target.ts';
import type { TargetSpec } from './definition.ts';
import { mae, meanReplicateMse, meanSignalMse, rmse } from './evaluators.ts';
import { defineJointLikelihood } from './joint-likelihood.ts';
import {
  betaBinomialLogLikelihood,
  binomialLogLikelihood,
  gaussianLogLikelihood,
  negativeBinomialLogLikelihood,
  poissonLogLikelihood,
} from './likelihoods.ts';

/** More than a call can have arguments. */
const REPLICATES = 200_000;
const rows = new Int32Array(REPLICATES).fill(1);
const columns = {
  day: new Int32Array(REPLICATES),
  cases: Float64Array.from(rows, (_, k) => 1 + (k % 3)),
  share: Float64Array.from(rows, (_, k) => (1 + (k % 3)) / 4),
  trials: new Float64Array(REPLICATES).fill(4),
};
const data = { day: [0], observed: [2], size: [4] };
const specOf = <E>(evaluator: E, value = 'cases') =>
  ({ output: 'out', data, join: ['day'], value, observedValue: 'observed', evaluator, outputs: {} }) as const;
const target = (...args: Parameters<typeof specOf<TargetSpec['evaluator']>>) => defineTarget(specOf(...args));

it.each([
  ['mean-signal MSE', target(meanSignalMse())],
  ['mean of MSE', target(meanReplicateMse())],
  ['RMSE', target(rmse())],
  ['MAE', target(mae())],
  ['gaussian', target(gaussianLogLikelihood({ sd: 1 }))],
  ['poisson', target(poissonLogLikelihood())],
  ['negative binomial', target(negativeBinomialLogLikelihood({ dispersion: 1 }))],
  ['binomial', target(binomialLogLikelihood({ trials: 'size' }), 'share')],
  ['beta-binomial', target(betaBinomialLogLikelihood({ trials: 'size', simulatedTrials: 'trials' }))],
  ['joint', defineJointLikelihood({ a: specOf(gaussianLogLikelihood({ sd: 1 })), b: specOf(poissonLogLikelihood()) })],
])('evaluates 200,000 replicates: %s', (_, { evaluate }) => {
  const { loss, n_replicates } = evaluate({ outputs: { out: { columns, rows } }, observed: {} });
  expect(Number.isFinite(loss)).toBe(true);
  expect(n_replicates).toBe(REPLICATES);
});
