import { expect, it } from 'vitest';
import { describeOutcome, describeWaited } from './describe-missing.ts';

const id = 'a'.repeat(64);
const outcome = (tasks: number, verified: number, count: number, first: readonly string[]) =>
  describeOutcome({ tasks, verified, missing: { count, first: [...first] } });

it.each([
  ['nothing', outcome(32, 32, 0, []), '32 of 32 tasks'],
  ['losses of a target', outcome(32, 32, 4, [`fit of ${id}`]), '32 of 32 tasks; missing: 4 losses of fit'],
  ['one loss', outcome(1, 1, 1, [`fit of ${id}`]), '1 of 1 task; missing: 1 loss of fit'],
  ['tasks and losses', outcome(10, 4, 9, [id, `fit of ${id}`]), '4 of 10 tasks; missing: 6 tasks, 3 losses of fit'],
  ['tasks', outcome(10, 4, 6, [id]), '4 of 10 tasks; missing: 6 tasks'],
  ['losses that the record does not name', outcome(1000, 0, 1010, [id]), '0 of 1,000 tasks; missing: 1,000 tasks, 10 losses'],
  [
    'losses of many targets',
    outcome(
      2,
      2,
      4,
      ['a', 'b', 'c', 'd'].map((target) => `${target} of ${id}`),
    ),
    '2 of 2 tasks; missing: 4 losses of a, b, c and other targets',
  ],
])('reports that %s is missing', (_, text, expected) => {
  expect(text).toBe(expected);
});

it('counts verified tasks of an ended job, and those with results of any other', () => {
  const counts = { tasks: 9, done: 3, verified: 2, missing: { count: 7, first: [id] } };
  const texts = (['running', 'cancelled', 'partial'] as const).map((status) => describeWaited({ status, ...counts }));
  expect(texts).toEqual(['3 of 9 tasks', '3 of 9 tasks', '2 of 9 tasks; missing: 7 tasks']);
});
