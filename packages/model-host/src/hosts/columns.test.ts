import type { ColumnValues, OutputTable } from '@modelops/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRan } from './answers.ts';
import { canConcat, concatTables, decodeColumn, encodeColumn, sliceTable, typeOf } from './columns.ts';
import type { Frame } from './frames.ts';
import { decodeEvaluate, encodeEvaluate, encodeRan } from './messages.ts';

const values: fc.Arbitrary<ColumnValues> = fc.oneof(
  fc.array(fc.double()).map((list) => Float64Array.from(list)),
  fc.array(fc.integer()).map((list) => Int32Array.from(list)),
  fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map((list) => BigInt64Array.from(list)),
  fc.array(fc.string({ unit: 'grapheme' })),
  fc.array(fc.boolean()),
);
/** As received: with the lengths of its buffers. */
const decoded = ({ header, buffers }: Frame): Frame => ({ header: { ...header, buffers: [] }, buffers });
const table = (...columns: [string, ColumnValues][]): OutputTable => ({
  rows: Int32Array.of(columns[0]?.[1].length ?? 0),
  columns: columns.map(([name, held]) => ({ name, values: held })),
});

describe('columns', () => {
  it('round-trip through the wire format', () => {
    fc.assert(
      fc.property(values, (held) => {
        expect(decodeColumn(typeOf(held), encodeColumn(held))).toEqual(held);
      }),
    );
  });

  it('are sent in both messages', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 4 }), (columns) => {
        const total = Math.min(...columns.map(({ length }) => length), 1000);
        const cut = (held: ColumnValues) => held.slice(0, columns.length === 0 ? 0 : total) as ColumnValues;
        const rows = Int32Array.of(columns.length === 0 ? 0 : total, 0);
        const out = { rows, columns: columns.map((held, at) => ({ name: `c${at}`, values: cut(held) })) };
        const errors = [{ task: 1, error: { kind: 'exception' as const, type: 'E', message: 'm' } }];
        const answer = { durations: Float64Array.of(1, 2), errors, outputs: { out, second: out } };
        const asked = { values: [], set: [0, 0], seeds: [0, 1] };
        expect(parseRan(decoded(encodeRan(answer)), asked, { outputs: ['out', 'second'] })).toEqual(answer);
        expect(decodeEvaluate(encodeEvaluate('t', { out, again: out }))).toEqual({ target: 't', outputs: { out, again: out } });
      }),
    );
  });

  it('are joined if compatible, and integers with floats become floats', () => {
    const parts = [table(['x', Int32Array.of(1)]), table(['x', Float64Array.of(0.5)]), table(['x', new Int32Array(0)])];
    expect(canConcat(parts)).toBe(true);
    expect(concatTables(parts)).toEqual({ rows: Int32Array.of(1, 1, 0), columns: [{ name: 'x', values: Float64Array.of(1, 0.5) }] });
  });

  it('are joined as 64-bit integers or floats if a task returned 64-bit integers', () => {
    const [wide, narrow, real] = [table(['x', BigInt64Array.of(7n)]), table(['x', Int32Array.of(1)]), table(['x', Float64Array.of(0.5)])];
    expect(canConcat([wide, narrow, real])).toBe(true);
    expect(concatTables([narrow, wide]).columns[0]!.values).toEqual(BigInt64Array.of(1n, 7n));
    expect(concatTables([wide, real]).columns[0]!.values).toEqual(Float64Array.of(7, 0.5));
  });

  it.each([
    ['other names', table(['x', Int32Array.of(1)]), table(['y', Int32Array.of(1)])],
    ['a column more', table(['x', Int32Array.of(1)], ['y', Int32Array.of(1)]), table(['x', Int32Array.of(1)])],
    ['text beside numbers', table(['x', Int32Array.of(1)]), table(['x', ['1']])],
    ['64 bits beside text', table(['x', BigInt64Array.of(1n)]), table(['x', ['1']])],
  ])('are not joined with %s', (_what, one, other) => {
    expect(canConcat([one, other])).toBe(false);
    expect(canConcat([other, one])).toBe(false);
    expect(canConcat([one, undefined, one])).toBe(true);
  });

  it('are split by task', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: 1, maxLength: 8 }), fc.nat(8), fc.nat(8), (rows, a, b) => {
        const [from, to] = [Math.min(a, b, rows.length), Math.min(Math.max(a, b), rows.length)];
        const tasks = rows.flatMap((count, task) => Array<number>(count).fill(task));
        const whole = { rows: Int32Array.from(rows), columns: [{ name: 'x', values: Float64Array.from(tasks) }] };
        const cut = sliceTable(whole, from, to);
        expect([...cut.columns[0]!.values]).toEqual(tasks.filter((task) => task >= from && task < to));
        expect([...cut.rows]).toEqual(rows.slice(from, to));
      }),
    );
  });
});
