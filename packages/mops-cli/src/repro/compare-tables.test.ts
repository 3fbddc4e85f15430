import type { ColumnValues, OutputTable } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { compareTables } from './compare-tables.ts';

function table(columns: Readonly<Record<string, ColumnValues>>): OutputTable {
  const named = Object.entries(columns).map(([name, values]) => ({ name, values }));
  return { rows: Int32Array.of(named[0]?.values.length ?? 0), columns: named };
}

const compare = (stored: Record<string, ColumnValues>, computed: Record<string, ColumnValues>) =>
  compareTables({ y: table(stored) }, { y: table(computed) });

describe('the first difference of two results', () => {
  it('is undefined if every value has the same bits, including NaN and wider stored types', () => {
    const same: Record<string, ColumnValues> = {
      a: Float64Array.of(1.5, Number.NaN, -0),
      b: Int32Array.of(1, 2, 3),
      c: ['x', 'ü', ''],
      d: [true, false, true],
    };
    expect(compare(same, { ...same })).toBeUndefined();
    // Beside other tasks of its pack, an integer column may be stored as floats or as 64-bit integers.
    expect(compare({ a: Float64Array.of(1, 2) }, { a: Int32Array.of(1, 2) })).toBeUndefined();
    expect(compare({ a: BigInt64Array.of(1n, 2n) }, { a: Int32Array.of(1, 2) })).toBeUndefined();
    expect(compareTables({ y: table({ a: Float64Array.of() }) }, { y: { rows: Int32Array.of(0), columns: [] } })).toBeUndefined();
  });

  it('is a value, with its column and row, the number of differing values and the largest difference', () => {
    expect(
      compare({ t: Int32Array.of(0, 1, 2), v: Float64Array.of(1, 2, 4) }, { t: Int32Array.of(0, 1, 2), v: Float64Array.of(1, 3, 5) }),
    ).toEqual({
      what: 'value',
      output: 'y',
      column: 'v',
      row: 1,
      stored: '2',
      computed: '3',
      differing: 2,
      of: 3,
      largest_relative: 0.5,
    });
    expect(compare({ v: Float64Array.of(0) }, { v: Float64Array.of(-0) })).toMatchObject({ what: 'value', row: 0, largest_relative: null });
    expect(compare({ v: ['a'] }, { v: ['b'] })).toMatchObject({ what: 'value', stored: 'a', computed: 'b', largest_relative: null });
    expect(compare({ v: BigInt64Array.of(2n ** 60n) }, { v: BigInt64Array.of(2n ** 60n + 1n) })).toMatchObject({
      what: 'value',
      differing: 1,
    });
  });

  it('is a number of rows, a set of columns or a type before any value', () => {
    expect(compare({ v: Float64Array.of(1) }, { v: Float64Array.of(1, 2) })).toEqual({ what: 'rows', output: 'y', stored: 1, computed: 2 });
    expect(compare({ v: Float64Array.of(1) }, { w: Float64Array.of(1) })).toMatchObject({
      what: 'columns',
      stored: ['v'],
      computed: ['w'],
    });
    expect(compare({ v: Float64Array.of(1) }, { v: ['1'] })).toMatchObject({
      what: 'type',
      column: 'v',
      stored: 'float64',
      computed: 'utf8',
    });
    expect(compareTables({ y: table({ v: Float64Array.of(1) }) }, {})).toMatchObject({ what: 'rows', computed: 0 });
  });
});
