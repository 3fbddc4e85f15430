import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scalingOf } from './scaling.ts';

const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const units = fc.array(unit, { minLength: 1 }).map((values) => Float64Array.from(values));
const bounds = (from: number) =>
  fc
    .tuple(fc.double({ min: from, max: 1e12, noNaN: true }), fc.double({ min: from, max: 1e12, noNaN: true }))
    .map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));

describe('scaling', () => {
  it('keeps floats within their bounds', () => {
    fc.assert(
      fc.property(units, bounds(-1e12), bounds(1e-12), (at, linear, log) => {
        for (const [range, scale] of [
          [linear, 'linear'],
          [log, 'log'],
        ] as const) {
          for (const value of scalingOf({ name: 'x', kind: 'float', ...range, scale })(at) as Float64Array) {
            expect(value).toBeGreaterThanOrEqual(range.min);
            expect(value).toBeLessThanOrEqual(range.max);
          }
        }
      }),
    );
  });

  it('keeps ints whole and within their bounds', () => {
    fc.assert(
      fc.property(units, fc.integer({ min: 1, max: 1e9 }), fc.nat(1e9), fc.constantFrom('linear', 'log'), (at, min, width, scale) => {
        for (const value of scalingOf({ name: 'x', kind: 'int', min, max: min + width, scale })(at) as Float64Array) {
          expect(Number.isInteger(value) && value >= min && value <= min + width).toBe(true);
        }
      }),
    );
  });

  it('gives each int and each choice the same share', () => {
    const even = Float64Array.from({ length: 1200 }, (_, at) => at / 1200);
    const shares = (values: ArrayLike<unknown>) => {
      const counts = new Map<unknown, number>();
      for (const value of Array.from(values)) counts.set(value, (counts.get(value) ?? 0) + 1);
      return [...counts];
    };
    expect(shares(scalingOf({ name: 'x', kind: 'int', min: -1, max: 1, scale: 'linear' })(even))).toEqual([
      [-1, 400],
      [0, 400],
      [1, 400],
    ]);
    expect(shares(scalingOf({ name: 'x', kind: 'choice', values: ['a', true, 3] })(even))).toEqual([
      ['a', 400],
      [true, 400],
      [3, 400],
    ]);
  });

  it('spreads a log scale over the orders of magnitude', () => {
    const values = scalingOf({ name: 'x', kind: 'float', min: 0.001, max: 1000, scale: 'log' })(Float64Array.of(0, 0.5));
    expect(values[0]).toBe(0.001);
    expect(values[1]).toBeCloseTo(1, 12);
  });
});
