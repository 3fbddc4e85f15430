import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../csv.ts';
import { defineTarget } from './define-target.ts';
import type { Join, TargetSpec } from './definition.ts';
import type { Evaluator } from './evaluator.ts';
import { mae, meanReplicateMse, meanSignalMse, rmse } from './evaluators.ts';
import { defineJointLikelihood } from './joint-likelihood.ts';
import {
  betaBinomialLogLikelihood,
  binomialLogLikelihood,
  gaussianLogLikelihood,
  negativeBinomialLogLikelihood,
  poissonLogLikelihood,
} from './likelihoods.ts';

type Table = Readonly<Record<string, readonly (number | string)[]>>;
interface JoinCase {
  readonly name: string;
  readonly join: { exact?: string[]; near?: string; by?: string[]; direction?: 'backward' | 'forward'; tolerance?: number } | null;
  readonly observed: Table;
  readonly simulated: Table;
  readonly expected: readonly number[];
}
interface Expected {
  readonly loss: number;
  readonly diagnostics: Readonly<Record<string, unknown>>;
}
type Golden = Readonly<
  Record<'losses' | 'weighted_losses' | 'likelihoods' | 'weighted_likelihoods', Readonly<Record<string, Expected>>> & {
    joins: readonly JoinCase[];
    observed: Table;
    replicates: readonly Table[];
    sd: number;
    dispersion: number;
    joint: { log_marginal: number };
  }
>;

/** Written by packages/sdk-python/scripts/target-vectors.py; the tests of the Python package read the same. */
const golden = JSON.parse(readFileSync(new URL('../../../sdk-python/tests/golden/targets.json', import.meta.url), 'utf8')) as Golden;

/** The replicates' columns one after another. */
function outputOf(replicates: readonly Table[], rows = Object.values(replicates[0]!)[0]!.length) {
  const columns = Object.keys(replicates[0]!).map((name) => {
    const values = replicates.flatMap((one) => [...one[name]!]);
    return [name, typeof values[0] === 'string' ? (values as string[]) : Float64Array.from(values as number[])] as const;
  });
  return { columns: Object.fromEntries(columns), rows: replicates.map(() => rows) };
}

function joinOf(join: JoinCase['join']): Join {
  if (join === null) return 'none';
  const { exact, near, ...rest } = join;
  return exact ?? { column: near!, ...rest };
}

const csvOf = (table: Table) =>
  [Object.keys(table), ...Object.values(table)[0]!.map((_, row) => Object.values(table).map((column) => column[row]))]
    .map((cells) => `${cells.join(',')}\n`)
    .join('');

describe('a join of the vectors', () => {
  it.each(golden.joins)('$name', ({ join, observed, simulated, expected }) => {
    const data = { ...observed, v: expected };
    const outputs = { o: outputOf([simulated, simulated]) };
    const spec = { output: 'o', join: joinOf(join), value: 'v', evaluator: meanReplicateMse() };
    const inCode = defineTarget({ ...spec, data: data as never }).evaluate({ outputs, observed: {} });
    const file = defineTarget({ ...spec, data: 'o.csv' }).evaluate({ outputs, observed: { 'o.csv': parseCsv(csvOf(data)) } });
    for (const { loss, diagnostics } of [inCode, file]) {
      expect(loss).toBe(0);
      expect(diagnostics).toMatchObject({ n_matched: expected.length });
    }
  });
});

const base = { output: 'o', join: ['day'], data: golden.observed as never };
const evaluate = (spec: Pick<TargetSpec, 'value' | 'evaluator'> & Partial<TargetSpec>) =>
  defineTarget({ ...base, ...spec }).evaluate({ outputs: { o: outputOf(golden.replicates) }, observed: {} });

const losses: Record<string, Evaluator> = {
  mean_signal_mse: meanSignalMse(),
  rmse: rmse(),
  mae: mae(),
  mean_replicate_mse: meanReplicateMse(),
};
const likelihoods = {
  gaussian: { value: 'y', evaluator: gaussianLogLikelihood({ sd: golden.sd }) },
  poisson: { value: 'k', evaluator: poissonLogLikelihood() },
  negative_binomial: { value: 'k', evaluator: negativeBinomialLogLikelihood({ dispersion: golden.dispersion }) },
  binomial: { value: 'p', observedValue: 'k', evaluator: binomialLogLikelihood({ trials: 'n' }) },
  beta_binomial: { value: 'x', observedValue: 'k', evaluator: betaBinomialLogLikelihood({ trials: 'n', simulatedTrials: 'n' }) },
};

describe.each(['', 'weighted_'] as const)('a loss of the vectors, %s', (prefix) => {
  const weighted = prefix === '' ? {} : { rowWeight: 'w' };
  it.each(Object.entries(losses))('%s', (name, evaluator) => {
    expectClose(evaluate({ value: 'y', evaluator, ...weighted }), golden[`${prefix}losses`][name]!);
  });
  it.each(Object.entries(likelihoods))('%s', (name, spec) => {
    expectClose(evaluate({ ...spec, ...weighted }), golden[`${prefix}likelihoods`][name]!);
  });
});

function expectClose({ loss, diagnostics }: Expected, expected: Expected): void {
  expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-9);
  expect(diagnostics).toMatchObject(approximate(expected.diagnostics) as object);
}

/** A JSON value whose numbers may differ by rounding. */
function approximate(value: unknown): unknown {
  if (typeof value === 'number') return expect.closeTo(value, 9);
  if (Array.isArray(value)) return value.map(approximate);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, approximate(one)]));
  return value;
}

it('a joint likelihood of three outputs is that of SciPy', () => {
  const { gaussian, poisson, binomial } = likelihoods;
  const parts = {
    survey: { ...base, ...gaussian, output: 'survey', data: 'survey.csv' },
    deaths: { ...base, ...poisson, output: 'weekly', data: 'weekly.csv' },
    serology: { ...base, ...binomial, output: 'sample' },
  };
  const seen = (name: string) => parseCsv(csvOf({ day: golden.observed.day!, [name]: golden.observed[name]! }));
  const output = outputOf(golden.replicates);
  const { loss } = defineJointLikelihood(parts).evaluate({
    outputs: { survey: output, weekly: output, sample: output },
    observed: { 'survey.csv': seen('y'), 'weekly.csv': seen('k') },
  });
  expect(loss).toBeCloseTo(-golden.joint.log_marginal, 9);
});
