import { expect, it } from 'vitest';
import { defineTarget } from './define-target.ts';
import { meanSignalMse } from './evaluators.ts';

const spec = {
  output: 'o',
  data: { day: [1, 0], region: ['n', 'n'], cases: [4, 10] },
  join: ['day', 'region'],
  value: 'cases',
  evaluator: meanSignalMse(),
};
const cases = [1, 8, 2, 9, 3, 16, 6, 7];
const columns = {
  day: Int32Array.from(cases, (_, at) => at % 2),
  region: cases.map(() => 'n'),
  cases: Float64Array.from(cases),
};
const input = { outputs: { o: { columns, rows: [2, 2, 2, 2] } }, observed: {} };

it('stores the mean, quantiles and residual of each observation for a target with outputs', () => {
  expect(defineTarget(spec).evaluate(input).outputs).toBeUndefined();
  const target = defineTarget({ ...spec, outputs: { quantiles: [0, 0.5, 0.9] } });
  // numpy.quantile([8, 9, 16, 7], [0, 0.5, 0.9]) = 7, 8.5, 13.9; of [1, 2, 3, 6]: 1, 2.5, 5.1
  expect(target.evaluate(input).outputs).toEqual({
    cases: {
      day: [1, 0],
      region: ['n', 'n'],
      observed: [4, 10],
      mean: [10, 3],
      q0: [7, 1],
      'q0.5': [8.5, 2.5],
      'q0.9': [expect.closeTo(13.9, 12), expect.closeTo(5.1, 12)],
      residual: [6, -7],
    },
  });
  expect(Object.keys(defineTarget({ ...spec, outputs: {} }).evaluate(input).outputs!.cases!)).toContain('q0.95');
});

it('refuses invalid quantiles', () => {
  expect(() => defineTarget({ ...spec, outputs: { quantiles: [0.5, 1.5] } })).toThrow(
    'outputs.quantiles is [0.5,1.5]; expected numbers from 0 to 1',
  );
});
