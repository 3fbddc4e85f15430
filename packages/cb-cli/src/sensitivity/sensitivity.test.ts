import { readFileSync } from 'node:fs';
import type { ParamValue } from '@modelops/contracts';
import {
  bootstrapEstimates,
  ESTIMATORS,
  inputColumn,
  pawn,
  randomHalves,
  rankFirstOrder,
  responsesAt,
  responsesById,
  type SaltelliOptions,
  saltelliIndices,
  sharesOf,
  sumsOf,
} from '@modelops/report/sensitivity';
import { describe, expect, it } from 'vitest';
import { fast } from '../designs/fast.ts';
import { rowsIn } from '../designs/parameter-table.ts';
import { saltelli } from '../designs/saltelli.ts';
import { sobol } from '../designs/sobol.ts';
import { streamOf } from '../designs/stream.ts';
import type { NumberParameter } from '../space/parameter-space.ts';
import { drawerOf } from './analyse.ts';
import { delta } from './delta.ts';
import { fastIndices } from './fast-indices.ts';
import { givenShapley } from './given-shapley.ts';
import { morrisEffects } from './morris-effects.ts';
import { saltelliShapley } from './saltelli-shapley.ts';

const golden = JSON.parse(readFileSync(new URL('../../golden/sensitivity.json', import.meta.url), 'utf8'));
const unit = (d: number): NumberParameter[] =>
  Array.from({ length: d }, (_, k) => ({ name: `x${k}`, kind: 'float', min: 0, max: 1, scale: 'linear' }));
const plain = (y: readonly number[]) => ({
  y: Float64Array.from(y),
  noise: new Float64Array(y.length),
  set: Uint32Array.from(y, (_, row) => row),
});
const values = (estimates: readonly { value: number }[]) => estimates.map(({ value }) => value);
function near(found: readonly number[], expected: readonly number[], within: number): void {
  expect(found).toHaveLength(expected.length);
  for (const [k, value] of found.entries()) expect(Math.abs(value - expected[k]!), `${k}: ${value}`).toBeLessThan(within);
}

const ISHIGAMI = { S1: [0.313905, 0.442411, 0], ST: [0.557589, 0.442411, 0.243684], shapley: [0.435747, 0.442411, 0.121842] };
const ishigami = (u: readonly number[]) => {
  const [a, b, c] = u.map((x) => -Math.PI + 2 * Math.PI * x) as [number, number, number];
  return Math.sin(a) + 7 * Math.sin(b) ** 2 + 0.1 * c ** 4 * Math.sin(a);
};
const A = [0, 1, 4.5, 9, 99, 99, 99, 99];
const gFunction = (u: readonly number[]) => u.reduce((product, x, k) => (product * (Math.abs(4 * x - 2) + A[k]!)) / (1 + A[k]!), 1);
const G_FIRST = [0.716192, 0.179048, 0.023676, 0.007162, 0.000072, 0.000072, 0.000072, 0.000072];

const design = (d: number, n: number) =>
  [...rowsIn(saltelli.points({ seed: 1, scramble: true, n_samples: n, second_order: false }, unit(d)).points)] as number[][];
const options = (d: number, more: Partial<SaltelliOptions> = {}): SaltelliOptions => ({
  d,
  secondOrder: false,
  estimator: 'saltelli',
  bootstraps: 0,
  draw: drawerOf(0n),
  ...more,
});
/** Sets a share of the rows to missing, by a stream of its own. */
const without = (y: Float64Array, share: number) => {
  const rng = streamOf(3n);
  return y.map((value) => (rng.uniform() < share ? Number.NaN : value));
};

describe('indices of a Saltelli design', () => {
  it('equal those of SALib, second order too', () => {
    const found = saltelliIndices(plain(golden.saltelli.y), options(3));
    near(values(found.first), golden.saltelli.S1, 1e-10);
    near(values(found.total), golden.saltelli.ST, 1e-10);
    const pairs = saltelliIndices(plain(golden.second_order.y), options(3, { secondOrder: true }));
    near(values(pairs.second), golden.second_order.S2, 1e-10);
  });

  it('equal those of OpenTURNS by Jansen’s estimator, up to the variance that they are divided by', () => {
    const found = saltelliIndices(plain(golden.saltelli.y), options(3, { estimator: 'jansen' }));
    const scale = found.total[0]!.value / golden.jansen_openturns.total[0];
    near(
      values(found.total).map((value) => value / scale),
      golden.jansen_openturns.total,
      1e-10,
    );
    near(
      values(found.first).map((value) => 1 - (1 - value) / scale),
      golden.jansen_openturns.first,
      1e-10,
    );
    expect(Math.abs(scale - 1)).toBeLessThan(0.1);
  });

  it.each(ESTIMATORS)('are within 0.01 at N = 4096 by %s, and within 0.02 without 5 % of the rows', (estimator) => {
    for (const [d, model, first, total] of [
      [3, ishigami, ISHIGAMI.S1, ISHIGAMI.ST],
      [8, gFunction, G_FIRST, undefined],
    ] as const) {
      const whole = plain(design(d, 4096).map(model));
      const found = saltelliIndices(whole, options(d, { estimator }));
      near(values(found.first), first, 0.01);
      if (total !== undefined) near(values(found.total), total, 0.01);
      const partial = saltelliIndices({ ...whole, y: without(whole.y, 0.05) }, options(d, { estimator }));
      near(values(partial.first), first, 0.02);
      if (total !== undefined) near(values(partial.total), total, 0.02);
      // What is missing costs only the base points that need it, not all complete blocks.
      for (const coverage of [...partial.coverage.first, ...partial.coverage.total]) expect(coverage).toBeGreaterThan(0.95 ** 3 - 0.02);
    }
  });

  it('are not biased by the noise of two replicates', () => {
    const rows = design(3, 4096);
    const ids = rows.map((row) => row.join());
    const distinct = [...new Map(rows.map((row) => [row.join(), ishigami(row)]))];
    // Noise with a third of the model's variance; means over repeated experiments, since one has errors of its own.
    const EXPERIMENTS = 10;
    const experiment = (at: number) => {
      const rng = streamOf(8n, at);
      const both = [...distinct, ...distinct];
      return responsesById(
        both.map(([id]) => id),
        both.map(([, y]) => y + rng.normal(0, 2.15)),
      );
    };
    const experiments = Array.from({ length: EXPERIMENTS }, (_, at) => experiment(at));
    for (const estimator of ESTIMATORS) {
      const biases = (hasNoise: boolean) => {
        const found = experiments.map((byId) => saltelliIndices(responsesAt(ids, byId, hasNoise), options(3, { estimator })));
        const bias = (kind: 'first' | 'total', truth: readonly number[]) =>
          truth.map((value, k) => found.reduce((sum, one) => sum + one[kind][k]!.value - value, 0) / EXPERIMENTS);
        return { first: bias('first', ISHIGAMI.S1), total: bias('total', ISHIGAMI.ST) };
      };
      const { first, total } = biases(true);
      near([...first, ...total], new Array(6).fill(0), 0.01);
      // Not corrected, the totals are too large.
      expect(Math.max(...biases(false).total)).toBeGreaterThan(0.05);
    }
    const [byId] = experiments as [ReturnType<typeof experiment>];
    const shares = sharesOf(byId.values())!;
    expect(shares.share_of_parameters).toBeCloseTo(13.845 / (13.845 + 2.15 ** 2), 1);
  });

  it('lie within their bootstrap intervals, the same for the same seed', () => {
    const y = plain(design(3, 512).map(ishigami));
    const found = saltelliIndices(y, options(3, { bootstraps: 200 }));
    for (const [k, { low, high }] of found.total.entries()) {
      expect(low!).toBeLessThan(ISHIGAMI.ST[k]! + 0.02);
      expect(high!).toBeGreaterThan(ISHIGAMI.ST[k]! - 0.02);
      expect(high! - low!).toBeLessThan(0.3);
    }
    expect(saltelliIndices(y, options(3, { bootstraps: 200 }))).toEqual(found);
  });

  it('give Shapley effects within 0.01', () => {
    const whole = plain(design(3, 4096).map(ishigami));
    near(values(saltelliShapley(whole, options(3))), ISHIGAMI.shapley, 0.01);
    near(values(saltelliShapley({ ...whole, y: without(whole.y, 0.05) }, options(3))), ISHIGAMI.shapley, 0.02);
  });

  it('give Shapley effects of four parameters that add up to 1, in the order of the totals', () => {
    const y = plain(design(4, 2048).map(gFunction));
    const effects = values(saltelliShapley(y, options(4)));
    expect(effects.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 10);
    expect([...effects].sort((a, b) => b - a)).toEqual(effects);
    for (const [k, effect] of effects.slice(0, 3).entries()) expect(effect).toBeGreaterThan(G_FIRST[k]! - 0.01);
  });
});

describe('indices of a FAST design', () => {
  it('are near those of the Ishigami function, and absent for a curve with a missing row', () => {
    const rows = [...rowsIn(fast.points({ seed: 0, n_samples: 2049, interference: 4 }, unit(3)).points)] as number[][];
    const y = Float64Array.from(rows, ishigami);
    const found = fastIndices(y, 3, 2049, 4);
    near(
      found.map((index) => index!.first),
      ISHIGAMI.S1,
      0.02,
    );
    near(
      found.map((index) => index!.total),
      ISHIGAMI.ST,
      0.05,
    );
    y[2049] = Number.NaN;
    expect(fastIndices(y, 3, 2049, 4).map((index) => index === undefined)).toEqual([false, true, false]);
  });
});

describe('elementary effects', () => {
  const morrisOptions = { parameters: unit(3), levels: 4, bootstraps: 0, draw: drawerOf(0n) };
  it('equal those of SALib', () => {
    const { points, y, mu, mu_star, sigma } = golden.morris;
    const found = morrisEffects(points, plain(y), morrisOptions);
    near(
      found.map(({ mean }) => mean),
      mu,
      1e-9,
    );
    near(values(found.map(({ mean_absolute }) => mean_absolute)), mu_star, 1e-9);
    near(values(found.map((one) => one.sigma)), sigma, 1e-9);
  });

  it('lose only the steps next to a missing row', () => {
    const { points, y } = golden.morris;
    const found = morrisEffects(points, plain(y.with(1, Number.NaN)), morrisOptions);
    expect(found.map(({ coverage }) => coverage).sort()).toEqual([5 / 6, 5 / 6, 1]);
  });

  it('of an int that has the same value on two levels are 0', () => {
    const parameters = [...unit(1), { name: 'n', kind: 'int', min: 0, max: 1, scale: 'linear' } as NumberParameter];
    const rows: ParamValue[][] = [
      [0, 0],
      [0, 0],
      [2 / 3, 0],
    ];
    const found = morrisEffects(rows, plain([1, 1, 3]), { ...morrisOptions, parameters });
    expect(found.map(({ mean }) => mean)).toEqual([expect.closeTo(3, 12), 0]);
  });
});

describe('given-data indices', () => {
  const column = (points: readonly (readonly number[])[], k: number) => inputColumn(Float64Array.from(points, (row) => row[k]!));
  it('PAWN and delta equal those of SALib', () => {
    const { points, y, pawn: expected, delta: deltas } = golden.given;
    near(
      [0, 1, 2].map((k) => pawn(column(points, k), Float64Array.from(y))),
      expected,
      0.01,
    );
    near(
      [0, 1, 2].map((k) => delta(column(points, k), Float64Array.from(y))),
      deltas,
      1e-6,
    );
  });

  it('by ranks are near the first-order indices, from any sweep', () => {
    const points = [...rowsIn(sobol.points({ seed: 2, scramble: true, n_samples: 8192, bits: 30 }, unit(3)).points)] as number[][];
    const y = Float64Array.from(points, ishigami);
    near(
      [0, 1, 2].map((k) => rankFirstOrder(column(points, k), y, 0)),
      ISHIGAMI.S1,
      0.02,
    );
    // Grouped by value: the same with ten values.
    const stepped = column(
      points.map(([x]) => [Math.floor(x! * 16)]),
      0,
    );
    expect(stepped.isDiscrete).toBe(true);
    expect(rankFirstOrder(stepped, y, 0)).toBeCloseTo(ISHIGAMI.S1[0]!, 1);
  });

  it('give Shapley effects from neighbours', () => {
    const points = [...rowsIn(sobol.points({ seed: 2, scramble: true, n_samples: 4096, bits: 30 }, unit(3)).points)] as number[][];
    const inputs = [0, 1, 2].map((k) => column(points, k));
    near(givenShapley({ inputs, y: Float64Array.from(points, ishigami), noise: 0 }, 0n), ISHIGAMI.shapley, 0.015);
  });
});

describe('resampling', () => {
  it('gives the standard error of a mean', () => {
    const rng = streamOf(1n);
    const rows = Float64Array.from({ length: 400 }, () => rng.normal());
    const [mean] = bootstrapEstimates({ rows, width: 1 }, ([sum]) => [sum! / 400], 2000, drawerOf(5n));
    expect(mean!.high! - mean!.low!).toBeGreaterThan(0.16);
    expect(mean!.high! - mean!.low!).toBeLessThan(0.23);
    expect(sumsOf({ rows, width: 1 })[0]! / 400).toBeCloseTo(mean!.value, 12);
  });

  it('draws halves without repeating a row', () => {
    for (const half of randomHalves(11, 20, drawerOf(1n))) expect(new Set(half).size).toBe(5);
  });
});
