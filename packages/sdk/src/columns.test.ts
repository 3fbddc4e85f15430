import { describe, expect, it } from 'vitest';
import { normaliseColumn } from './columns.ts';

describe('normaliseColumn', () => {
  it('converts every kind of numbers to a stored type', () => {
    expect(normaliseColumn([1, 2.5, Number.NaN], 'x')).toEqual(Float64Array.of(1, 2.5, Number.NaN));
    expect(normaliseColumn(Float32Array.of(0.5), 'x')).toEqual(Float64Array.of(0.5));
    expect(normaliseColumn(Uint8Array.of(255), 'x')).toEqual(Int32Array.of(255));
    expect(normaliseColumn(Int16Array.of(-7), 'x')).toEqual(Int32Array.of(-7));
    expect(normaliseColumn(Uint32Array.of(2 ** 32 - 1), 'x')).toEqual(Float64Array.of(2 ** 32 - 1));
    expect(normaliseColumn([3n], 'x')).toEqual(BigInt64Array.of(3n));
    expect(normaliseColumn(BigUint64Array.of(2n ** 63n - 1n), 'x')).toEqual(BigInt64Array.of(2n ** 63n - 1n));
    expect(normaliseColumn([], 'x')).toEqual(new Float64Array(0));
  });

  it('keeps strings and booleans', () => {
    expect(normaliseColumn(['a', ''], 'x')).toEqual(['a', '']);
    expect(normaliseColumn([true, false], 'x')).toEqual([true, false]);
  });

  it('never shares memory with its argument', () => {
    for (const given of [Float64Array.of(1, 2), Int32Array.of(1, 2), new Float64Array([0, 1, 2]).subarray(1)]) {
      const kept = normaliseColumn(given, 'x');
      given[0] = 9;
      expect(kept[0]).toBe(1);
    }
  });

  it('refuses mixed and missing values, naming the row', () => {
    expect(() => normaliseColumn([1, null], 'column day')).toThrow('column day has null in row 1 among numbers');
    expect(() => normaliseColumn(['a', 1], 'column day')).toThrow('column day has a number in row 1 among strings');
    expect(() => normaliseColumn([{}], 'column day')).toThrow('column day has an Object in row 0');
    expect(() => normaliseColumn(new Array(2), 'column day')).toThrow('column day has undefined in row 0');
    expect(() => normaliseColumn(5, 'column day')).toThrow('column day is a number, not a column');
    expect(() => normaliseColumn([2n ** 63n], 'column day')).toThrow('outside the range of signed 64-bit integers');
  });
});
