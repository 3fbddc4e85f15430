import type { ParamValues } from '@modelops/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saltelliRows } from './saltelli-rows.ts';

const NAMES = ['beta', 'gamma', 'n0', 'mode'];

/** By the definition: all rows of the design, in order. */
function designOf(points: readonly (readonly [a: ParamValues, b: ParamValues])[], names: readonly string[], secondOrder: boolean) {
  return points.flatMap(([a, b]) => [
    a,
    ...names.map((name) => ({ ...a, [name]: b[name]! })),
    ...(secondOrder ? names.map((name) => ({ ...b, [name]: a[name]! })) : []),
    b,
  ]);
}

const distinct = (rows: readonly ParamValues[]) => [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];

const someSet = fc.record({
  beta: fc.double({ noNaN: true, min: 0.5, max: 1 }),
  gamma: fc.double({ noNaN: true, min: -1, max: 1 }).map((value) => value + 0),
  n0: fc.integer({ min: 1, max: 2 }),
  mode: fc.constantFrom('a', 'b', 'c'),
});

describe('the rows of a Saltelli design', () => {
  it('are found among the distinct sets of a study, also where a row repeats another', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(someSet, someSet), { minLength: 1, maxLength: 6, selector: ([{ beta }]) => beta }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        (points, d, secondOrder) => {
          const names = NAMES.slice(0, d);
          // Floats of different points differ, as in a Sobol sequence.
          fc.pre(new Set(points.flatMap(([a, b]) => [a.beta, b.beta])).size === 2 * points.length);
          const varied = points.map(([a, b]) => [
            Object.fromEntries(names.map((name) => [name, a[name as 'beta']])),
            Object.fromEntries(names.map((name) => [name, b[name as 'beta']])),
          ]) as [ParamValues, ParamValues][];
          const rows = designOf(varied, names, secondOrder);
          const sets = distinct(rows);
          const found = saltelliRows(sets, { names, points: points.length, secondOrder });
          expect([...found!].map((set) => sets[set])).toEqual(rows);
        },
      ),
    ));

  it('are not found in sets of another design, in another order, or with a row missing', () => {
    const names = ['beta', 'gamma'];
    const points = Array.from(
      { length: 4 },
      (_, k) =>
        [
          { beta: k, gamma: 10 + k },
          { beta: 20 + k, gamma: 30 + k },
        ] as const,
    );
    const rows = designOf(points, names, false);
    const layout = { names, points: 4, secondOrder: false };
    expect(saltelliRows(rows, layout)).toEqual(Uint32Array.from(rows, (_, row) => row));
    expect(saltelliRows(rows, { ...layout, secondOrder: true })).toEqual(
      Uint32Array.of(0, 1, 2, 2, 1, 3, 4, 5, 6, 6, 5, 7, 8, 9, 10, 10, 9, 11, 12, 13, 14, 14, 13, 15),
    );
    expect(saltelliRows([...rows.slice(1), rows[0]!], layout)).toBeUndefined();
    expect(saltelliRows(rows, { ...layout, points: 3 })).toBeUndefined();
    for (let row = 0; row < rows.length; row++) expect(saltelliRows(rows.toSpliced(row, 1), layout), `without ${row}`).toBeUndefined();
    expect(saltelliRows(points.flat(), layout)).toBeUndefined();
  });
});
