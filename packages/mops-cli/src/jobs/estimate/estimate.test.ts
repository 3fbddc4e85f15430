import type { PastRuns } from '@modelops/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosePilot } from './choose-pilot.ts';
import { estimateWork, evenly, type SetToRun } from './estimate-work.ts';
import { createNearRuns, type DeclaredParameter } from './near-runs.ts';

const parameters: DeclaredParameter[] = [
  { name: 'beta', kind: 'float', min: 0, max: 2, scale: 'linear' },
  { name: 'sigma', kind: 'float', min: 0.01, max: 1, scale: 'log' },
  { name: 'mode', kind: 'choice', values: ['a', 'b'] },
];
const past = (values: object, ms: number, tasks = 1) => ({ params: JSON.stringify(values), tasks, total_ms: ms * tasks });
const runs = (sets: PastRuns['sets'], change: Partial<PastRuns> = {}): PastRuns => ({
  sets,
  tasks: sets.reduce((sum, { tasks }) => sum + tasks, 0),
  bytesPerTask: 100,
  isOtherCode: false,
  ...change,
});
const estimate = (sets: SetToRun[], known: PastRuns, lanes = 1, largestChunk = 1) =>
  estimateWork({ sets, parameters, lanes, largestChunk }, known);

describe('near runs', () => {
  const here = { beta: 1, sigma: 0.1, mode: 'a' };
  const nearest = (sets: PastRuns['sets'], k: number) => createNearRuns(parameters, sets)(here, k).map(({ meanMs }) => meanMs);

  it('are sorted by distance in the declared bounds and scales', () => {
    const sets = [
      past({ beta: 2, sigma: 0.1, mode: 'a' }, 1), // half a range away
      past({ beta: 1, sigma: 0.01, mode: 'a' }, 2), // half a range away in logarithms, a tenth otherwise
      past({ beta: 1.1, sigma: 0.1, mode: 'a' }, 3),
      past({ beta: 1, sigma: 0.1, mode: 'b' }, 4), // a whole range away
      past({ beta: 1.5, sigma: 0.2, mode: 'a' }, 5),
    ];
    expect(nearest(sets, 4)).toEqual([3, 5, 1, 2]);
    expect(nearest(sets, 9)).toHaveLength(5);
  });

  it('treat a parameter that one of the two lacks as a different value', () => {
    expect(nearest([past({ beta: 1, sigma: 0.1 }, 1), past({ beta: 1.9, sigma: 0.1, mode: 'a' }, 2)], 1)).toEqual([2]);
  });

  it('are the k smallest distances', () => {
    const set = fc.record({
      beta: fc.double({ min: 0, max: 2, noNaN: true }),
      sigma: fc.double({ min: 0.01, max: 1, noNaN: true }),
      mode: fc.constantFrom('a', 'b'),
    });
    fc.assert(
      fc.property(fc.array(set, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 10 }), (sets, k) => {
        const all = createNearRuns(
          parameters,
          sets.map((values) => past(values, 1)),
        )(here, sets.length);
        const some = createNearRuns(
          parameters,
          sets.map((values) => past(values, 1)),
        )(here, k);
        expect(some).toEqual(all.slice(0, k));
        expect(all.map(({ distance }) => distance)).toEqual(all.map(({ distance }) => distance).sort((a, b) => a - b));
      }),
    );
  });
});

describe('an estimate', () => {
  const cheap = past({ beta: 0.1, sigma: 0.1, mode: 'a' }, 10, 5);
  const dear = past({ beta: 1.9, sigma: 0.1, mode: 'a' }, 1000, 5);
  /** Eight of each, so that the nearest sets are all of the same kind. */
  const known = runs(Array.from({ length: 8 }, () => [cheap, dear]).flat());

  it('uses the durations of past sets near the sets to run', () => {
    const near = (beta: number) => estimate([{ values: { beta, sigma: 0.1, mode: 'a' }, tasks: 3600 }], known).core_hours;
    expect(near(0.2).low).toBeGreaterThan(0.008 / 1);
    expect(near(0.2).high).toBeLessThan(0.013);
    expect(near(1.8).low).toBeGreaterThan(0.79);
    expect(near(1.8).high).toBeLessThan(1.26);
  });

  it('contains the durations it is based on, and is wider where these differ', () => {
    const sets = [{ values: { beta: 1, sigma: 0.1, mode: 'a' }, tasks: 1000 }];
    const wide = estimate(sets, runs([cheap, dear])).core_hours;
    const narrow = estimate(sets, runs([cheap])).core_hours;
    expect(wide.high / wide.low).toBeGreaterThan(narrow.high / narrow.low);
    expect(narrow.low).toBeLessThan(10 / 3600);
    expect(narrow.high).toBeGreaterThan(10 / 3600);
  });

  it('divides the work among workers, and adds one chunk to the upper bound', () => {
    const sets = [{ values: { beta: 1.9, sigma: 0.1, mode: 'a' }, tasks: 400 }];
    const [one, four] = [estimate(sets, known, 1, 0), estimate(sets, known, 4, 10)];
    expect(four.core_hours).toEqual(one.core_hours);
    expect(four.wall_seconds.low).toBeLessThan(one.wall_seconds.low / 3);
    expect(four.wall_seconds.high - one.wall_seconds.high / 4).toBeGreaterThan(9);
  });

  it('from a sample of many sets equals the estimate from all of them', () => {
    const sets = Array.from({ length: 5000 }, (_, at) => ({
      values: { beta: at % 2 === 0 ? 0.1 : 0.1001, sigma: 0.1, mode: 'a' },
      tasks: 2,
    }));
    const { core_hours, bytes } = estimate(sets, known);
    expect(core_hours.low * 3600).toBeGreaterThan(79);
    expect(core_hours.high * 3600).toBeLessThan(127);
    expect(bytes).toBe(1_000_000);
  });

  it('reports what it is based on', () => {
    expect(estimate([{ values: { beta: 1 }, tasks: 1 }], runs([cheap], { isOtherCode: true })).basis).toEqual({
      tasks: 5,
      parameter_sets: 1,
      nearest: 1,
      other_code: true,
    });
  });
});

describe('a pilot', () => {
  const group = (start: number, ...missing: [number, number][]) => ({ start, end: start + 10, missing });

  it('is spread over the parameter sets, with several replicates if there are few sets', () => {
    const groups = [group(0, [0, 10]), group(10), group(20, [21, 22], [25, 27]), group(30, [30, 31])];
    expect(choosePilot(groups, 2)).toEqual([0, 21]);
    expect(choosePilot(groups, 3)).toEqual([0, 21, 30]);
    expect(choosePilot(groups, 6)).toEqual([0, 1, 2, 21, 25, 30]);
  });

  it('chooses the requested number of distinct missing tasks, if there are enough', () => {
    const groups = fc.array(fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 3 }), { maxLength: 8 }).map((lists) => {
      let at = 0;
      return lists.map((list) => {
        const start = at;
        const missing = list.flatMap(([gap, size]): [number, number][] => {
          const from = at + gap;
          at = from + size;
          return size === 0 ? [] : [[from, at]];
        });
        return { start, end: at, missing };
      });
    });
    fc.assert(
      fc.property(groups, fc.integer({ min: 1, max: 30 }), (given, k) => {
        const all = given.flatMap(({ missing }) =>
          missing.flatMap(([start, end]) => Array.from({ length: end - start }, (_, i) => start + i)),
        );
        const chosen = choosePilot(given, k);
        expect(new Set(chosen).size).toBe(Math.min(k, all.length));
        expect(chosen.every((task) => all.includes(task))).toBe(true);
      }),
    );
  });
});

describe('evenly', () => {
  it('keeps the first item, the order, and at most the requested number', () => {
    expect(evenly([1, 2, 3, 4, 5], 2)).toEqual([1, 3]);
    expect(evenly([1, 2], 5)).toEqual([1, 2]);
  });
});
