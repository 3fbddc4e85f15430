import { describe, expect, it } from 'vitest';
import { causeOf, maskNumbers } from './failure-cause.ts';

const NODE = `RangeError: x is 7
    at check (models/lib/check.ts:3:9)
    at simulate (models/seir.ts:12:5)
    at Object.simulateTask (file:///opt/modelops/node-host.js:10:1)
    at node:internal/main:1:1`;
const PYTHON = `Traceback (most recent call last):
  File "models/seir.py", line 12, in simulate
    check(x)
  File "models/lib/check.py", line 3, in check
    raise ValueError
  File "/home/ada/.modelops/cache/environments/1/lib/python3.11/site-packages/numpy/core.py", line 99, in array`;

describe('the cause of a failure', () => {
  it('names the innermost frame in a file of the model', () => {
    const error = { kind: 'exception', type: 'E', message: 'm' } as const;
    expect(causeOf({ ...error, traceback: NODE }).frame).toBe('models/lib/check.ts:3');
    expect(causeOf({ ...error, traceback: PYTHON }).frame).toBe('models/lib/check.py:3');
    expect(causeOf({ ...error, traceback: 'E: m\n    at node_modules/d3@7.0.0/a.js:1:1\n    at models/a.ts:2:1' }).frame).toBe(
      'models/a.ts:2',
    );
    expect(causeOf({ ...error, traceback: 'E: m\n    at file:///tmp/views/a.mjs:1:1' }).frame).toBeNull();
    expect(causeOf(error).frame).toBeNull();
  });

  it('is one where messages differ in numbers alone, and another from another place', () => {
    const at = (message: string, traceback: string) => causeOf({ kind: 'exception', type: 'E', message, traceback }).key;
    expect(at('x is 1.5', NODE)).toBe(at('x is -2e-07', NODE));
    expect(at('x is 1', NODE)).not.toBe(at('y is 1', NODE));
    expect(at('x is 1', NODE)).not.toBe(at('x is 1', PYTHON));
  });

  it.each([
    ['x is -1.5e+10 of 20', 'x is # of #'],
    ['at 0x7ffc12ab', 'at #'],
    ['column y2 of v1.csv', 'column y2 of v1.csv'],
    ['[3, 4] day=5', '[#, #] day=#'],
  ])('masks the numbers of %s', (text, masked) => expect(maskNumbers(text)).toBe(masked));
});
