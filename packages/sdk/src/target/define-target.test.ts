import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Column } from '../columns.ts';
import { parseCsv } from '../csv.ts';
import { defineTarget } from './define-target.ts';
import type { TargetSpec } from './definition.ts';
import { mae, meanReplicateMse, meanSignalMse, rmse } from './evaluators.ts';
import { binomialLogLikelihood } from './likelihoods.ts';

const base: TargetSpec = { output: 'prevalence', data: 'data/observed.csv', join: ['day'], value: 'infected', evaluator: meanSignalMse() };
const observed = parseCsv('day,infected\n0,10\n1,20\n');
/** Two replicates of days 0, 1, 2. */
const columns = { day: Int32Array.of(0, 1, 2, 0, 1, 2), infected: Float64Array.of(8, 21, 99, 14, 25, 98) };
const rows = [3, 3];

interface Input {
  readonly columns: Readonly<Record<string, Column>>;
  readonly rows: ArrayLike<number>;
  readonly observed: Readonly<Record<string, Column>>;
}

const evaluate = (spec: Partial<TargetSpec> = {}, given: Partial<Input> = {}) => {
  const input = { columns, rows, observed, ...given };
  return defineTarget({ ...base, ...spec }).evaluate({ outputs: { prevalence: input }, observed: { 'data/observed.csv': input.observed } });
};

const invalid = (message: string, hint?: string) =>
  expect.objectContaining({ code: 'TARGET_INVALID', message: expect.stringContaining(message), ...(hint === undefined ? {} : { hint }) });

describe('defineTarget', () => {
  it('describes its output and data file; data in the code is null', () => {
    const compared = { output: 'prevalence', join: ['day'], value: 'infected', observed_value: 'infected' };
    const file = 'data/observed.csv';
    expect(defineTarget(base).describe()).toEqual({
      output: 'prevalence',
      data: file,
      compares: [{ ...compared, data: file }],
      behaviour: 2,
    });
    expect(defineTarget({ ...base, weight: 2 }).describe()).toMatchObject({ weight: 2 });
    const near: Partial<TargetSpec> = { join: { column: 'day', by: ['region'] }, observedValue: 'cases' };
    expect(defineTarget({ ...base, ...near }).describe().compares).toEqual([
      { ...compared, join: ['region', 'day'], observed_value: 'cases', data: file },
    ]);
  });

  it('describes the compared columns of a table in the code, unless it is long', () => {
    const described = (data: TargetSpec['data'], more: Partial<TargetSpec> = {}) =>
      defineTarget({ ...base, data, ...more }).describe().compares[0];
    const data = { day: [0, 1], infected: [1, Number.NaN], source: ['a', 'b'], n: [5n, 6n] };
    expect(described(data)).toMatchObject({ data: null, observed: { day: [0, 1], infected: [1, null] } });
    expect(described(data, { evaluator: binomialLogLikelihood({ trials: 'n' }) })).toMatchObject({
      observed_trials: 'n',
      observed: { day: [0, 1], infected: [1, null], n: [5, 6] },
    });
    const long = new Float64Array(1_001);
    expect(described({ day: long, infected: long })).not.toHaveProperty('observed');
  });

  it('compares the mean over replicates with the observations by day', () => {
    // Means are 11 and 23; differences 1 and 3.
    const worst = [
      { day: 1, observed: 20, simulated: 23, residual: 3 },
      { day: 0, observed: 10, simulated: 11, residual: 1 },
    ];
    expect(evaluate()).toEqual({
      loss: 5,
      diagnostics: { evaluator: 'mean_signal_mse', n_observations: 2, n_matched: 2, bias: 2, residuals: [1, 3], worst },
      n_replicates: 2,
    });
  });

  it('names the three worst observations by weighted residual', () => {
    const days = Int32Array.from([0, 1, 2, 3, 4]);
    const seen = { day: days, infected: new Float64Array(5), w: Float64Array.of(1, 1, 0, 1, 5) };
    const simulated = { day: days, infected: Float64Array.of(1, -7, 100, 3, 2) };
    const { diagnostics } = evaluate({ rowWeight: 'w' }, { columns: simulated, rows: [5], observed: seen });
    expect((diagnostics.worst as { day: number }[]).map(({ day }) => day)).toEqual([4, 1, 3]);
  });

  it('compares a scalar output without a join', () => {
    const scalar = { join: 'none', data: { r0: [2] }, value: 'r0', evaluator: mae() } as const;
    const run = (values: number[], each: number[], spec = {}) =>
      evaluate({ ...scalar, ...spec }, { columns: { r0: Float64Array.from(values) }, rows: each }).loss;
    expect(run([1, 4], [1, 1])).toBe(0.5);
    expect(() => run([1, 4], [2])).toThrow(
      invalid('observed row 0 has more than one simulated row in replicate 0', 'a scalar output has one row'),
    );
    expect(() => run([], [0])).toThrow(invalid('observed row 0 has no simulated row in replicate 0'));
    expect(() => run([1], [1], { data: { r0: [2, 3] } })).toThrow(invalid('has 2 rows; a target without a join compares one row'));
  });

  it.each([
    ['backward', [1, 1, 3, 3, 5]],
    ['forward', [1, 3, 3, 5, 5]],
    ['nearest', [1, 3, 3, 5, 5]],
  ] as const)('joins %s by a column', (direction, expected) => {
    const simulated = { day: Float64Array.of(5, 1, 3), infected: Float64Array.of(5, 1, 3) };
    const found = [1, 2, 3, 4, 5].map((day) =>
      Math.sqrt(
        evaluate(
          { join: { column: 'day', direction } },
          { columns: simulated, rows: [3], observed: { day: Float64Array.of(day), infected: Float64Array.of(0) } },
        ).loss,
      ),
    );
    expect(found).toEqual(expected);
  });

  it('has no partner before the first row backward, after the last forward, or beyond the tolerance', () => {
    const simulated = { day: Float64Array.of(1, 3), infected: Float64Array.of(1, 3) };
    const at = (day: number, join: object) => () =>
      evaluate(
        { join: { column: 'day', ...join } },
        { columns: simulated, rows: [2], observed: { day: Float64Array.of(day), infected: Float64Array.of(0) } },
      );
    const none = invalid('has no simulated row in replicate 0');
    expect(at(0.5, { direction: 'backward' })).toThrow(none);
    expect(at(3.5, { direction: 'forward' })).toThrow(none);
    expect(at(2.5, { direction: 'backward', tolerance: 1 })).toThrow(none);
    expect(at(2.5, { direction: 'backward', tolerance: 1.5 })().loss).toBe(1);
  });

  it('joins near rows within groups', () => {
    const simulated = { region: ['a', 'b', 'a'], day: Float64Array.of(0, 0, 2), infected: Float64Array.of(1, 2, 3) };
    const seen = { region: ['a', 'b'], day: Float64Array.of(1.9, 1.9), infected: Float64Array.of(3, 2) };
    expect(evaluate({ join: { column: 'day', by: ['region'] } }, { columns: simulated, rows: [3], observed: seen }).loss).toBe(0);
    const other = { ...seen, region: ['a', 'c'] };
    expect(() => evaluate({ join: { column: 'day', by: ['region'] } }, { columns: simulated, rows: [3], observed: other })).toThrow(
      invalid('observed row 1 (region c, day 1.9) has no simulated row in replicate 0'),
    );
  });

  it('names both ranges if the data and the simulation do not overlap', () => {
    const later = parseCsv('day,infected\n100,10\n101,20\n');
    expect(() => evaluate({}, { observed: later })).toThrow(invalid('day is 100 … 101 in the data and 0 … 2 in the simulation'));
  });

  it('offers RMSE and MAE of the mean signal, and the mean MSE of the replicates', () => {
    expect(evaluate({ evaluator: rmse() }).loss).toBe(Math.sqrt(5));
    expect(evaluate({ evaluator: mae() }).loss).toBe(2);
    const { loss, diagnostics } = evaluate({ evaluator: meanReplicateMse() });
    expect(loss).toBe((2.5 + 20.5) / 2);
    expect(diagnostics).toMatchObject({ min: 2.5, max: 20.5 });
  });

  it('weighs rows by a column of the data', () => {
    const weighted = parseCsv('day,infected,w\n0,10,3\n1,20,1\n');
    expect(evaluate({ rowWeight: 'w' }, { observed: weighted }).loss).toBe((3 * 1 + 1 * 9) / 4);
    expect(evaluate({ rowWeight: 'w', evaluator: mae() }, { observed: weighted }).loss).toBe((3 * 1 + 1 * 3) / 4);
  });

  it('accepts data in the code, and an observed column of another name', () => {
    const data = { day: [1, 0], cases: Uint8Array.of(20, 10) };
    expect(evaluate({ data, observedValue: 'cases' }, { observed: {} }).loss).toBe(5);
  });

  it('accepts a function as evaluator and passes it aligned typed arrays', () => {
    const { loss, diagnostics } = evaluate({
      evaluator: ({ observed: seen, simulated, weights, n_replicates }) => {
        expect([seen, simulated, weights]).toEqual([Float64Array.of(10, 20), Float64Array.of(8, 21, 14, 25), Float64Array.of(1, 1)]);
        return { loss: n_replicates, diagnostics: { note: 'own' } };
      },
    });
    expect([loss, diagnostics]).toEqual([2, { note: 'own' }]);
    expect(evaluate({ evaluator: () => 7 }).loss).toBe(7);
  });

  it('joins by several columns, numbers or text', () => {
    const simulated = { region: ['a', 'b', 'a', 'b'], day: Float64Array.of(0, 0, 1, 1), infected: Int32Array.of(1, 2, 3, 4) };
    const seen = parseCsv('day,region,infected\n1,a,3\n0,b,4\n');
    expect(evaluate({ join: ['day', 'region'] }, { columns: simulated, rows: [4], observed: seen }).loss).toBe(2);
  });

  it('joins to the nearest row within a tolerance, the upper of two equally near', () => {
    const simulated = { day: Float64Array.of(2, 0, 1), infected: Float64Array.of(30, 10, 20) };
    const join = { column: 'day', tolerance: 0.5 };
    const signal = (day: number): number =>
      Math.sqrt(
        evaluate({ join }, { columns: simulated, rows: [3], observed: { day: Float64Array.of(day), infected: Float64Array.of(0) } }).loss,
      );
    expect([-0.5, 0.2, 0.5, 0.6, 2.4].map(signal)).toEqual([10, 10, 20, 20, 30]);
    expect(() => signal(2.6)).toThrow(invalid('observed row 0 (day 2.6) has no simulated row in replicate 0'));
    const dates = { day: ['2020-01-01'], infected: Float64Array.of(0) };
    expect(() => evaluate({ join }, { columns: dates, rows: [1], observed: dates })).toThrow(
      invalid('column day of output prevalence is not numeric'),
    );
  });

  it('aligns each replicate separately if their rows differ', () => {
    const simulated = { day: Int32Array.of(0, 1, 1, 0, 5, 0, 1), infected: Float64Array.of(10, 20, 26, 16, 0, 10, 20) };
    expect(evaluate({ evaluator: meanReplicateMse() }, { columns: simulated, rows: [2, 3, 2] }).loss).toBe(36 / 3);
  });

  it('yields the loss of a row-by-row computation for any replicates', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 20 }), (replicates) => {
        const days = Int32Array.from(replicates.flatMap((_, k) => (k % 2 === 0 ? [0, 1, 2] : [2, 1, 0])));
        const infected = Float64Array.from(replicates.flatMap((values, k) => (k % 2 === 0 ? values : [...values].reverse())));
        const seen = { day: Float64Array.of(0, 1, 2), infected: Float64Array.of(5, 6, 7) };
        const expected = [5, 6, 7]
          .map((x, day) => (replicates.reduce((sum, values) => sum + values[day]!, 0) / replicates.length - x) ** 2)
          .reduce((sum, square) => sum + square / 3, 0);
        const { loss } = evaluate({}, { columns: { day: days, infected }, rows: replicates.map(() => 3), observed: seen });
        expect(Math.abs(loss - expected)).toBeLessThanOrEqual(1e-9 * (1 + expected));
      }),
    );
  });

  it('names the observed row that has no simulated partner, or several', () => {
    const late = parseCsv('day,infected\n0,10\n7,20\n');
    expect(() => evaluate({}, { observed: late })).toThrow(invalid('observed row 1 (day 7) has no simulated row in replicate 0'));
    const short = { day: Int32Array.of(0, 1, 0), infected: Float64Array.of(1, 2, 3) };
    expect(() => evaluate({}, { columns: short, rows: [2, 1] })).toThrow(
      invalid('observed row 1 (day 1) has no simulated row in replicate 1'),
    );
    const twice = { day: Int32Array.of(0, 1, 1), infected: Float64Array.of(1, 2, 3) };
    expect(() => evaluate({}, { columns: twice, rows: [3] })).toThrow(invalid('has more than one simulated row', 'join by more columns'));
  });

  it('names a value that is not finite', () => {
    const broken = { ...columns, infected: Float64Array.of(8, 21, 99, 14, Number.NaN, 98) };
    expect(() => evaluate({}, { columns: broken })).toThrow(invalid('simulated infected is NaN at day 1 in replicate 1'));
    expect(() => evaluate({}, { observed: parseCsv('day,infected\n0,10\n1,\n') })).toThrow(
      invalid('column infected of data/observed.csv is NaN in row 1'),
    );
    expect(() => evaluate({ evaluator: () => Number.NaN })).toThrow(invalid('the evaluator returned a loss of NaN'));
  });

  it('ignores a simulated value that no observation needs', () => {
    expect(evaluate({}, { columns: { ...columns, infected: Float64Array.of(8, 21, Number.NaN, 14, 25, Number.NaN) } }).loss).toBe(5);
  });

  it.each<[Partial<TargetSpec>, Record<string, Column>, string]>([
    [{ value: 'infcted' }, observed, 'output prevalence has no column infcted'],
    [{ observedValue: 'cases' }, observed, 'data/observed.csv has no column cases'],
    [{ rowWeight: 'w' }, observed, 'data/observed.csv has no column w'],
    [{ rowWeight: 'w' }, parseCsv('day,infected,w\n0,10,-1\n'), 'weight w of data/observed.csv is -1 in row 0'],
    [{ rowWeight: 'w' }, parseCsv('day,infected,w\n0,10,0\n'), 'is 0 in every row'],
    [{}, parseCsv('day,infected\n'), 'data/observed.csv has no rows'],
    [{}, parseCsv('day,infected\n0,many\n'), 'is not numeric: it has "many"'],
    [{}, parseCsv('day,infected\n2020-01-01,10\n'), 'join column day is text in the data and numeric in the simulation'],
  ])('refuses unusable columns: %j', (spec, data, message) => {
    expect(() => evaluate(spec, { observed: data })).toThrow(invalid(message));
  });

  it('refuses to compute a loss without replicates', () => {
    expect(() => evaluate({}, { columns: { day: new Int32Array(0), infected: new Float64Array(0) }, rows: [] })).toThrow(
      invalid('there are no replicates'),
    );
  });

  it.each<[object, string]>([
    [{ output: '' }, "the target's output is not a name"],
    [{ join: [] }, "the target's join names no column"],
    [{ join: { column: 'day', tolerance: Number.NaN } }, 'join.tolerance is NaN'],
    [{ data: '../secrets.csv' }, 'expected a file of the project or a table'],
    [{ data: '/etc/passwd' }, 'expected a file of the project or a table'],
    [{ data: { day: [1, 2], infected: [1] } }, 'columns of unequal length: day and infected'],
    [{ evaluator: 'mse' }, 'evaluator is not a function'],
  ])('refuses the definition %j', (spec, message) => {
    expect(() => defineTarget({ ...base, ...spec })).toThrow(invalid(message));
  });
});
