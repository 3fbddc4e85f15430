import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { discrepancyCriterion, maximinCriterion } from './lhs/criteria.ts';
import { evolve } from './lhs/evolve.ts';
import { slicedColumn } from './lhs/hypercube.ts';
import { orthogonalColumns } from './lhs/orthogonal.ts';
import { latinColumns, lhs } from './lhs.ts';
import { streamOf } from './stream.ts';

const golden = JSON.parse(readFileSync(new URL('../../golden/designs.json', import.meta.url), 'utf8'));

describe('Latin hypercubes', () => {
  const cells = (column: Float64Array, n: number) => new Set(Array.from(column, (x) => Math.floor(x * n)));
  const settings = (n: number, more: object = {}) =>
    ({ seed: 3, n_samples: n, criterion: 'random', strength: 1, doubled_from: [], ...more }) as const;
  const ten = Array.from({ length: 10 }, (_, k) => k);

  it('take one value in each part, doubled once or twice too', () => {
    for (const criterion of ['random', 'centred', 'maximin', 'cd'] as const) {
      for (const [n, doubled_from] of [
        [12, []],
        [24, [12]],
        [28, [7, 14]],
      ] as const) {
        for (const column of latinColumns(settings(n, { criterion, doubled_from }) as never, [0, 1, 2], 0))
          expect(cells(column, n).size).toBe(n);
      }
    }
  });

  it('reach the distances of smt and the discrepancies of SciPy, and better', () => {
    const distant = latinColumns(settings(100, { criterion: 'maximin' }) as never, ten, 0);
    expect(smallestDistance(distant)).toBeGreaterThanOrEqual(0.87);
    expect(smallestDistance(distant)).toBeGreaterThanOrEqual(golden.best.maximin_smt_ese);
    const even = latinColumns(settings(100, { criterion: 'cd' }) as never, ten, 0);
    expect(discrepancyCriterion(even).value).toBeLessThanOrEqual(Math.min(0.0182, golden.best.cd_scipy_random_cd));
  });

  it('are measured as SciPy measures the centred discrepancy', () => {
    const { sample, cd } = golden.discrepancy as { sample: number[][]; cd: number };
    expect(discrepancyCriterion(sample[0]!.map((_, k) => Float64Array.from(sample, (row) => row[k]!))).value).toBeCloseTo(cd, 12);
  });

  it.each([
    ['maximin', maximinCriterion],
    ['cd', discrepancyCriterion],
  ] as const)('keep the criterion %s up to date while values are exchanged', (_, criterionOf) => {
    const columns = Array.from({ length: 4 }, (_, k) => Float64Array.from({ length: 12 }, (_, i) => ((i * (2 * k + 5)) % 12) / 12 + 0.03));
    const criterion = criterionOf(columns);
    const rng = streamOf(1n);
    for (let step = 0; step < 50; step++) {
      const [column, a] = [rng.uniformInt(0, 3), rng.uniformInt(0, 11)];
      const b = (a + rng.uniformInt(1, 11)) % 12;
      const before = columns.map((one) => one.slice());
      const expected = criterion.ifSwapped(column, a, b);
      expect(columns).toEqual(before);
      criterion.swap(column, a, b);
      expect(criterion.value).toBeCloseTo(expected, 10);
    }
    expect(criterion.value).toBeCloseTo(criterionOf(columns).value, 9);
  });

  it('try the given number of exchanges, and never end worse', () => {
    const columns = latinColumns(settings(20, { criterion: 'centred' }) as never, [0, 1, 2], 0);
    const criterion = maximinCriterion(columns);
    const [start, distance] = [criterion.value, smallestDistance(columns)];
    let tried = 0;
    const counting = {
      ...criterion,
      get value() {
        return criterion.value;
      },
      ifSwapped: (...args: [number, number, number]) => {
        tried += 1;
        return criterion.ifSwapped(...args);
      },
    };
    evolve({ columns, criterion: counting, firstFree: 0, tries: 5000, rng: streamOf(1n) });
    expect(tried).toBeLessThanOrEqual(5050);
    expect(maximinCriterion(columns).value).toBeLessThan(start);
    expect(smallestDistance(columns)).toBeGreaterThan(distance);
  });

  it('of strength 2 pair the p levels of any two columns exactly once', () => {
    for (const p of [2, 3, 5, 7]) {
      const columns = orthogonalColumns(p, p + 1, 'random', streamOf(5n));
      for (const column of columns) expect(cells(column, p * p).size).toBe(p * p);
      columns.forEach((a, i) => {
        for (const b of columns.slice(0, i)) {
          expect(new Set(Array.from(a, (x, row) => `${Math.floor(x * p)} ${Math.floor(b[row]! * p)}`)).size).toBe(p * p);
        }
      });
    }
  });

  it('in slices are a Latin hypercube in each slice and as a whole', () => {
    const column = slicedColumn(6, 4, 'random', streamOf(2n));
    expect(cells(column, 24).size).toBe(24);
    for (let slice = 0; slice < 4; slice++) expect(cells(column.subarray(slice * 6, slice * 6 + 6), 6).size).toBe(6);
  });

  it('name the sizes to which they can be extended', () => {
    const of = (more: object, n: number) => lhs.extend!(settings(9, more) as never, n);
    expect(of({}, 36)).toMatchObject({ n_samples: 36, doubled_from: [9, 18] });
    expect(of({}, 27)).toBe('a Latin hypercube of 9 samples can only be extended to 18, 36, 72 … samples');
    expect(of({ strength: 2 }, 18)).toContain('no larger one contains it');
  });
});

function smallestDistance(columns: readonly Float64Array[]): number {
  const n = columns[0]!.length;
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) smallest = Math.min(smallest, Math.hypot(...columns.map((column) => column[i]! - column[j]!)));
  }
  return smallest;
}
