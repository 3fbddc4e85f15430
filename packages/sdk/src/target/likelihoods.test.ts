import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineTarget } from './define-target.ts';
import type { Evaluator } from './evaluator.ts';
import {
  betaBinomialLogLikelihood,
  binomialLogLikelihood,
  gaussianLogLikelihood,
  logMeanExp,
  negativeBinomialLogLikelihood,
  poissonLogLikelihood,
} from './likelihoods.ts';
import { logGamma } from './log-gamma.ts';

/** Values by SciPy; packages/sdk-python/scripts/likelihood-vectors.py writes them. */
const golden = JSON.parse(readFileSync(new URL('../../../sdk-python/tests/golden/likelihoods.json', import.meta.url), 'utf8')) as {
  readonly vectors: Record<string, readonly { readonly arguments: number[]; readonly value: number | '-inf' }[]>;
};

interface Row {
  readonly x: number;
  readonly simulated: number;
  /** Further observed and simulated columns. */
  readonly observed?: Record<string, number>;
  readonly columns?: Record<string, number>;
}

const column = (value: number) => Float64Array.of(value);
const columnsOf = (values: Record<string, number> = {}) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, column(value)]));

/** The log-likelihood of one observation given one simulated value. */
function logLikelihoodOf(evaluator: Evaluator, { x, simulated, observed, columns }: Row): number {
  const target = defineTarget({
    output: 'out',
    data: { x: [x], ...Object.fromEntries(Object.entries(observed ?? {}).map(([k, v]) => [k, [v]])) },
    join: 'none',
    value: 's',
    observedValue: 'x',
    evaluator,
  });
  return -target.evaluate({ outputs: { out: { columns: { s: column(simulated), ...columnsOf(columns) }, rows: [1] } }, observed: {} }).loss;
}

const cases: Record<string, (args: number[]) => number> = {
  gaussian: ([x, mean, sd]) => logLikelihoodOf(gaussianLogLikelihood({ sd: sd! }), { x: x!, simulated: mean! }),
  poisson: ([x, mean]) => logLikelihoodOf(poissonLogLikelihood(), { x: x!, simulated: mean! }),
  negative_binomial: ([x, mean, size]) =>
    logLikelihoodOf(negativeBinomialLogLikelihood({ dispersion: 'k' }), { x: x!, simulated: mean!, observed: { k: size! } }),
  binomial: ([x, n, p]) => logLikelihoodOf(binomialLogLikelihood({ trials: 'n' }), { x: x!, simulated: p!, observed: { n: n! } }),
  beta_binomial: ([x, n, a, b]) =>
    logLikelihoodOf(betaBinomialLogLikelihood({ trials: n!, simulatedTrials: 'n', prior: [0.5, 0.25] }), {
      x: x!,
      simulated: a! - 0.5,
      columns: { n: a! - 0.5 + b! - 0.25 },
    }),
};

describe.each(Object.keys(cases))('the %s log-likelihood', (name) => {
  it.each(golden.vectors[name]!.filter(({ arguments: [, n] }) => name !== 'binomial' || n !== 0))(
    'equals that of SciPy for $arguments',
    ({ arguments: args, value }) => {
      if (value === '-inf') expect(() => cases[name]!(args)).toThrow('log-likelihood is −∞ in every replicate');
      else expect(cases[name]!(args)).toBeCloseTo(value, 9 - Math.max(0, Math.ceil(Math.log10(Math.abs(value) + 1))));
    },
  );
});

describe('a log-likelihood of several observations and replicates', () => {
  const data = { t: [0, 1], x: [3, 5], n: [10, 10], w: [1, 0] };
  const columns = { t: Int32Array.of(0, 1, 0, 1), positives: Float64Array.of(30, 55, 20, 40), tested: Float64Array.of(100, 100, 100, 100) };
  const spec = { output: 'out', join: ['t'], value: 'positives', observedValue: 'x' };
  const evaluator = betaBinomialLogLikelihood({ trials: 'n', simulatedTrials: 'tested' });
  const evaluate = (rowWeight?: string) =>
    defineTarget({ ...spec, data, evaluator, ...(rowWeight === undefined ? {} : { rowWeight }) }).evaluate({
      outputs: { out: { columns, rows: [2, 2] } },
      observed: {},
    });

  it('adds rows and averages replicates as likelihoods', () => {
    const { loss, diagnostics } = evaluate();
    expect(loss).toBeCloseTo(3.031705228772004, 10);
    expect(diagnostics).toEqual({
      evaluator: 'beta_binomial',
      n_observations: 2,
      n_matched: 2,
      log_densities: [expect.any(Number), expect.any(Number)],
      worst: [
        { t: 1, observed: 5, simulated: 47.5, log_density: expect.any(Number) },
        { t: 0, observed: 3, simulated: 25, log_density: expect.any(Number) },
      ],
      n_impossible: 0,
      replicate_mean: expect.closeTo((3.2362016411753487 + 2.8620111186689385) / 2, 10),
      standard_error: expect.closeTo((3.2362016411753487 - 2.8620111186689385) / 2, 10),
      log_marginal: expect.closeTo(-3.031705228772004, 10),
      log_likelihood: { min: expect.closeTo(-3.2362016411753487, 10), max: expect.closeTo(-2.8620111186689385, 10) },
    });
  });

  it('multiplies the terms of rows by their weights, and ignores rows of weight 0', () => {
    const alone = defineTarget({ ...spec, data: { t: [0], x: [3], n: [10] }, evaluator }).evaluate({
      outputs: { out: { columns, rows: [2, 2] } },
      observed: {},
    });
    expect(evaluate('w').loss).toBeCloseTo(alone.loss, 12);
  });

  it.each<[Evaluator, object, string]>([
    [poissonLogLikelihood(), { x: [1.5] }, 'observation 0 is 1.5, not a count'],
    [gaussianLogLikelihood({ sd: 0 }), { x: [1] }, 'sd is 0; it must be positive'],
    [gaussianLogLikelihood({ sd: 'sd' }), { x: [1], sd: [-1] }, 'sd is -1 in row 0 of column sd; it must be positive'],
    [binomialLogLikelihood({ trials: 'm' }), { x: [1] }, 'the observed data has no column m'],
    [betaBinomialLogLikelihood({ trials: 10, simulatedTrials: 'm' }), { x: [1] }, 'output out has no column m'],
  ])('refuses unusable data: %#', (wrong, table, message) => {
    const target = defineTarget({ ...spec, join: 'none', data: table as { x: number[] }, evaluator: wrong });
    const input = { outputs: { out: { columns: { positives: column(3) }, rows: [1] } }, observed: {} };
    expect(() => target.evaluate(input)).toThrow(
      expect.objectContaining({ code: 'TARGET_INVALID', message: expect.stringContaining(message) }),
    );
  });
});

describe('logMeanExp', () => {
  it('neither overflows nor underflows, and is −∞ only if every value is', () => {
    expect(logMeanExp([-2000, -2000])).toBe(-2000);
    expect(logMeanExp([2000, Number.NEGATIVE_INFINITY])).toBeCloseTo(2000 - Math.log(2), 10);
    expect(logMeanExp([Number.NEGATIVE_INFINITY])).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('logGamma', () => {
  it('satisfies Γ(x + 1) = x Γ(x), and is the logarithm of factorials', () => {
    let factorial = 1;
    for (let n = 1; n < 100; n++) {
      factorial *= n;
      expect(Math.abs(logGamma(n + 1) - Math.log(factorial))).toBeLessThanOrEqual(8e-15 * Math.max(1, Math.log(factorial)));
    }
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (x) => {
        expect(Math.abs(logGamma(x + 1) - Math.log(x) - logGamma(x))).toBeLessThanOrEqual(2e-14 * Math.max(1, Math.abs(logGamma(x + 1))));
      }),
    );
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 14);
  });
});
