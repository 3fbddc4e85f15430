import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defineTarget } from './define-target.ts';
import { meanSignalMse } from './evaluators.ts';
import { defineJointLikelihood, type LikelihoodSpec } from './joint-likelihood.ts';
import { betaBinomialLogLikelihood, gaussianLogLikelihood, poissonLogLikelihood } from './likelihoods.ts';

type Columns = Readonly<Record<'day' | 'g' | 'p' | 'x' | 'n', number[]>>;

/** Three targets by SciPy; packages/sdk-python/scripts/likelihood-vectors.py writes them. */
const { joint } = JSON.parse(readFileSync(new URL('../../../sdk-python/tests/golden/likelihoods.json', import.meta.url), 'utf8')) as {
  readonly joint: { observed: Columns; replicates: Columns[]; sigma: number; log_marginal: number; sum_of_marginals: number };
};
const { observed: data, replicates } = joint;
const columns = Object.fromEntries(
  (['day', 'g', 'p', 'x', 'n'] as const).map((name) => [name, Float64Array.from(replicates.flatMap((one) => one[name]))]),
);
const input = { columns, rows: replicates.map(({ day }) => day.length), observed: {} };
const common = { output: 'o', data, join: ['day'] };
const targets = {
  prevalence: { ...common, value: 'g', evaluator: gaussianLogLikelihood({ sd: joint.sigma }) },
  deaths: { ...common, value: 'p', evaluator: poissonLogLikelihood() },
  serology: { ...common, value: 'x', evaluator: betaBinomialLogLikelihood({ trials: 'n', simulatedTrials: 'n' }) },
};

describe('a joint likelihood', () => {
  it('of three targets adds logs replicate by replicate before the mean, as by SciPy', () => {
    const { loss, diagnostics, n_replicates } = defineJointLikelihood(targets).evaluate(input);
    expect(loss).toBeCloseTo(-joint.log_marginal, 9);
    expect(n_replicates).toBe(replicates.length);
    const own = Object.values(targets).map((spec) => defineTarget(spec).evaluate(input).loss);
    expect(own.reduce((sum, one) => sum + one, 0)).toBeCloseTo(-joint.sum_of_marginals, 9);
    expect(Math.abs(joint.log_marginal - joint.sum_of_marginals)).toBeGreaterThan(0.01);
    expect(diagnostics).toMatchObject({
      evaluator: 'joint',
      targets: {
        prevalence: { evaluator: 'gaussian', n_observations: data.day.length, log_marginal: expect.closeTo(-own[0]!, 12) },
        deaths: { evaluator: 'poisson' },
        serology: { evaluator: 'beta_binomial' },
      },
    });
  });

  it('of one target is that target', () => {
    const { deaths } = targets;
    expect(defineJointLikelihood({ deaths }).evaluate(input).loss).toBe(defineTarget(deaths).evaluate(input).loss);
  });

  it('reads one file for all targets that name it', () => {
    const { data: _, ...rest } = targets.deaths;
    const target = defineJointLikelihood({ prevalence: targets.prevalence, deaths: { ...rest, data: 'data/deaths.csv' } });
    expect(target.describe()).toMatchObject({ output: 'o', data: 'data/deaths.csv' });
    const observed = { day: Float64Array.from(data.day), p: Float64Array.from(data.p) };
    const inCode = defineJointLikelihood({ prevalence: targets.prevalence, deaths: targets.deaths });
    expect(target.evaluate({ ...input, observed }).loss).toBe(inCode.evaluate(input).loss);
  });

  it('refuses targets that cannot be joined, and replicates that are all impossible', () => {
    const problems = (specs: Record<string, unknown>) => {
      try {
        defineJointLikelihood(specs as Record<string, LikelihoodSpec>);
      } catch (error) {
        return (error as { problems: { path: string }[] }).problems.map(({ path }) => path);
      }
      return undefined;
    };
    expect(() => defineJointLikelihood({})).toThrow('has no targets');
    expect(
      problems({
        a: { ...targets.deaths, output: 'other', data: 'a.csv' },
        b: { ...targets.deaths, data: 'b.csv' },
        c: { ...targets.deaths, evaluator: meanSignalMse() },
      }),
    ).toEqual(['c.evaluator', 'output', 'data']);
    const none = { ...input, columns: { ...columns, p: new Float64Array(columns.p!.length) } };
    expect(() => defineJointLikelihood(targets).evaluate(none)).toThrow('target deaths is impossible in every one');
  });
});
