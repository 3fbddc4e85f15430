import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrowOf, columnsOfArrow } from './arrow-table.ts';
import type { Columns } from './join-tables.ts';

const rows = { minLength: 3, maxLength: 3 };
const text = fc.string({ unit: 'grapheme' });
const columns = fc.record({
  floats: fc.array(fc.double(), rows).map((values) => Float64Array.from(values)),
  ints: fc.array(fc.integer(), rows).map((values) => Int32Array.from(values)),
  wide: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), rows).map((values) => BigInt64Array.from(values)),
  texts: fc.array(fc.oneof(text, fc.constant(null)), rows),
  bools: fc.tuple(fc.boolean(), ...[0, 1].map(() => fc.oneof(fc.boolean(), fc.constant(null)))),
});

const read = (table: arrow.Table) => columnsOfArrow(arrow.tableToIPC(table, 'file'));
const ofType = (values: readonly unknown[], type: arrow.DataType) => read(new arrow.Table({ x: arrow.vectorFromArray(values, type) }));

describe('arrowOf and columnsOfArrow', () => {
  it('round-trip floats with NaN, infinities and −0, 32- and 64-bit integers, texts and booleans with nulls', () =>
    fc.assert(
      fc.asyncProperty(columns, async (made) => {
        const given = Object.entries(made).map(([name, values]) => ({ name, values })) as unknown as Columns;
        expect(await columnsOfArrow(await arrowOf(given))).toEqual(given);
      }),
    ));

  it('round-trip a table without rows, and one without columns', async () => {
    const empty: Columns = [
      { name: 'x', values: new Float64Array() },
      { name: 'n', values: new Int32Array() },
    ];
    expect(await columnsOfArrow(await arrowOf(empty))).toEqual(empty);
    expect(await columnsOfArrow(await arrowOf([]))).toEqual([]);
  });
});

describe('columnsOfArrow', () => {
  it('reads a stream like a file', async () => {
    const table = new arrow.Table({ x: arrow.vectorFromArray([1, 2], new arrow.Int32()) });
    expect(await columnsOfArrow(arrow.tableToIPC(table, 'stream'))).toEqual([{ name: 'x', values: Int32Array.of(1, 2) }]);
  });

  it.each([
    ['32-bit floats', [0.5, Number.NaN], new arrow.Float32(), Float64Array.of(0.5, Number.NaN)],
    ['8-bit integers', [-1, 2], new arrow.Int8(), Int32Array.of(-1, 2)],
    ['16-bit integers without a sign', [65535], new arrow.Uint16(), Int32Array.of(65535)],
    ['32-bit integers without a sign', [4294967295], new arrow.Uint32(), Float64Array.of(4294967295)],
    ['64-bit integers without a sign', [5n], new arrow.Uint64(), BigInt64Array.of(5n)],
    ['dictionaries', ['a', 'b', 'a'], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()), ['a', 'b', 'a']],
  ] as const)('takes %s', async (_what, values, type, expected) => {
    expect(await ofType(values, type)).toEqual([{ name: 'x', values: expected }]);
  });

  it.each([
    ['64-bit integers without a sign', [2n ** 63n], new arrow.Uint64(), /column x has integers outside the range of signed/],
    ['floats with nulls', [0.5, null], new arrow.Float64(), /column x has 1 nulls among its numbers/],
    ['integers with nulls', [1, null, null], new arrow.Int32(), /column x has 2 nulls/],
    ['64-bit integers with nulls', [1n, null], new arrow.Int64(), /column x has 1 nulls/],
    ['dates', [new Date(0)], new arrow.DateMillisecond(), /column x has type Date64/],
  ] as const)('refuses %s', async (_what, values, type, message) => {
    await expect(ofType(values, type)).rejects.toMatchObject({ code: 'FILE_INVALID', message: expect.stringMatching(message) });
  });

  it('refuses bytes that are not Arrow, and truncated Arrow', async () => {
    const whole = await arrowOf([{ name: 'x', values: Float64Array.from({ length: 500 }, Math.sqrt) }]);
    for (const bytes of [new Uint8Array([1, 2, 3]), new TextEncoder().encode('<html>'), whole.subarray(0, whole.length / 2)])
      await expect(columnsOfArrow(bytes)).rejects.toMatchObject({ code: 'FILE_INVALID' });
  });
});
