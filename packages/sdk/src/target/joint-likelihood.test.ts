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
const table = { columns, rows: replicates.map(({ day }) => day.length) };
const input = { outputs: { o: table }, observed: {} };
const common = { output: 'o', data, join: ['day'] };
const targets = {
  prevalence: { ...common, value: 'g', evaluator: gaussianLogLikelihood({ sd: joint.sigma }) },
  deaths: { ...common, value: 'p', evaluator: poissonLogLikelihood() },
  serology: { ...common, value: 'x', evaluator: betaBinomialLogLikelihood({ trials: 'n', simulatedTrials: 'n' }) },
};

/** The same rows of each replicate, last first. */
function reversed({ columns: given, rows }: typeof table): typeof table {
  const [n] = rows as [number];
  const place = (at: number) => Math.floor(at / n) * n + (n - 1 - (at % n));
  return {
    rows,
    columns: Object.fromEntries(Object.entries(given).map(([name, values]) => [name, values.map((_, at) => values[place(at)]!)])),
  };
}

describe('a joint likelihood', () => {
  it('of three targets adds logs per replicate before the mean, as computed with SciPy', () => {
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

  it('of targets on three outputs, with two files and a table in the code, is that of the same values in one output', () => {
    const target = defineJointLikelihood(
      {
        prevalence: { ...targets.prevalence, output: 'survey', data: 'data/survey.csv' },
        deaths: { ...targets.deaths, output: 'weekly', data: 'data/deaths.csv' },
        serology: { ...targets.serology, output: 'sample' },
      },
      { weight: 2 },
    );
    expect(target.describe()).toMatchObject({
      output: 'survey',
      outputs: ['survey', 'weekly', 'sample'],
      data: 'data/survey.csv',
      files: ['data/survey.csv', 'data/deaths.csv'],
      compares: [
        { output: 'survey', data: 'data/survey.csv' },
        { output: 'weekly', data: 'data/deaths.csv' },
        { output: 'sample', data: null, observed: expect.anything() },
      ],
      weight: 2,
      behaviour: 2,
    });
    const only = (...names: (keyof Columns)[]) => Object.fromEntries(names.map((name) => [name, columns[name]!]));
    const outputs = { survey: { ...table, columns: only('day', 'g') }, weekly: reversed(table), sample: table };
    const seen = (name: keyof Columns) => ({ day: Float64Array.from(data.day), [name]: Float64Array.from(data[name]) });
    const observed = { 'data/survey.csv': seen('g'), 'data/deaths.csv': seen('p') };
    expect(target.evaluate({ outputs, observed }).loss).toBeCloseTo(-joint.log_marginal, 9);
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
        a: targets.prevalence,
        b: { ...targets.deaths, weight: 2 },
        c: { ...targets.deaths, evaluator: meanSignalMse() },
      }),
    ).toEqual(['b.weight', 'c.evaluator']);
    const none = { ...input, outputs: { o: { ...table, columns: { ...columns, p: new Float64Array(columns.p!.length) } } } };
    expect(() => defineJointLikelihood(targets).evaluate(none)).toThrow('target deaths is impossible in every one');
  });
});
