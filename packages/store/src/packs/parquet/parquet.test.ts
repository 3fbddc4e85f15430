import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { readParquet as readByRust } from 'parquet-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesOf, type ParquetColumn } from './columns.ts';
import { decompressSnappy } from './compression.ts';
import { isSealed } from './file-frame.ts';
import { readParquet, readSealed, rowGroupsOf } from './read-parquet.ts';
import { checkRuns, encodeRuns } from './runs.ts';
import { encodeRowGroup, joinRowGroups, writeParquet, writeSealed } from './write-parquet.ts';

const MAX = 2n ** 64n - 1n;
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 4 });
const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', 'a', 'ü', '\0', '日本'));

/** Columns of every type with the same number of rows. */
const columns = fc.integer({ min: 0, max: 300 }).chain((rows) => {
  const many = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: rows, maxLength: rows });
  return fc.record({
    float: many(nullable(fc.double())),
    doubles: many(fc.double()).map((values) => Float64Array.from(values)),
    dense: many(fc.double()).map((values) => Float64Array.from(values)),
    int: many(nullable(fc.integer())),
    ints: many(fc.oneof(fc.integer(), fc.integer({ min: 0, max: 3 }))).map((values) => Int32Array.from(values)),
    longs: many(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map((values) => BigInt64Array.from(values)),
    seeds: many(fc.bigInt({ min: 0n, max: MAX })).map((values) => BigUint64Array.from(values)),
    bool: many(nullable(fc.boolean())),
    bools: many(fc.boolean()),
    text: many(nullable(text)),
    texts: many(text),
    ids: many(text),
  });
});

type Values = typeof columns extends fc.Arbitrary<infer T> ? T : never;

function columnsOf(values: Values): ParquetColumn[] {
  return [
    { name: 'float', type: 'float64', values: values.float },
    { name: 'doubles', type: 'float64', values: values.doubles },
    { name: 'dense', type: 'float64', values: values.dense, isUnique: true },
    { name: 'int', type: 'int32', values: values.int },
    { name: 'ints', type: 'int32', values: values.ints },
    { name: 'longs', type: 'int64', values: values.longs },
    { name: 'seeds', type: 'uint64', values: values.seeds },
    { name: 'bool', type: 'bool', values: values.bool },
    { name: 'bools', type: 'bool', values: values.bools },
    { name: 'text', type: 'utf8', values: values.text },
    { name: 'texts', type: 'utf8', values: values.texts },
    { name: 'ids', type: 'utf8', values: values.ids, isUnique: true },
  ];
}

const names = ['float', 'doubles', 'dense', 'int', 'ints', 'longs', 'seeds', 'bool', 'bools', 'text', 'texts', 'ids'] as const;

describe('Parquet files', () => {
  it('return what was written, including nulls and all 64 bits', () =>
    fc.assert(
      fc.property(columns, (values) => {
        const table = readParquet(writeParquet(columnsOf(values)));
        expect(table.rows).toBe(values.ints.length);
        for (const name of names) expect(table.list(name)).toEqual(Array.from<unknown>(values[name]));
      }),
    ));

  it('are read identically by arrow-rs', () =>
    fc.assert(
      fc.property(columns, (values) => {
        const table = tableFromIPC(readByRust(writeParquet(columnsOf(values))).intoIPCStream());
        expect(table.numRows).toBe(values.ints.length);
        if (table.numRows > 0)
          for (const name of names) expect(Array.from(table.getChild(name)!)).toEqual(Array.from<unknown>(values[name]));
      }),
      { numRuns: 50 },
    ));

  it('have the same bytes for the same contents', () =>
    fc.assert(
      fc.property(columns, (values) => {
        expect(Buffer.compare(writeParquet(columnsOf(values)), writeParquet(columnsOf(values)))).toBe(0);
      }),
      { numRuns: 20 },
    ));

  it('are read and copied by row group: a copied group is the one that was written', () =>
    fc.assert(
      fc.property(fc.array(columns, { minLength: 1, maxLength: 4 }), (parts) => {
        const groups = parts.map((values) =>
          encodeRowGroup(columnsOf(values).map((column) => (column.type === 'coded' ? column : { ...column, isNullable: true }))),
        );
        const bytes = joinRowGroups(groups);
        const copied = rowGroupsOf(bytes);
        for (const mixed of [copied, copied.map((group, at) => (at % 2 === 0 ? group : groups[at]!))])
          expect(Buffer.compare(joinRowGroups(mixed), bytes)).toBe(0);
        const table = readParquet(bytes);
        for (const name of names) expect(table.list(name)).toEqual(parts.flatMap((values) => Array.from<unknown>(values[name])));
        const byRust = tableFromIPC(readByRust(bytes).intoIPCStream());
        expect(byRust.numRows).toBe(table.rows);
        if (table.rows > 0) expect(Array.from(byRust.getChild('texts')!)).toEqual(table.list('texts'));
      }),
      { numRuns: 50 },
    ));

  it('hold unique doubles as they are, and compress others', () => {
    const values = new Float64Array(4_096);
    const sizeOf = (isUnique: boolean) => writeParquet([{ name: 'x', type: 'float64', values, isUnique }]).length;
    expect(sizeOf(true)).toBeGreaterThan(values.byteLength);
    expect(sizeOf(false)).toBeLessThan(1_000);
  });

  it('refuse row groups of different columns', () => {
    const group = (values: (number | null)[]) => encodeRowGroup([{ name: 'x', type: 'float64', values }]);
    expect(() => joinRowGroups([group([1]), group([null])])).toThrow('row groups differ in their columns');
  });

  it('hold timestamps in milliseconds, of which some are null', () => {
    const values = [Date.UTC(2026, 0, 1), null, 1.5e12 + 7];
    const bytes = writeParquet([{ name: 'at', type: 'timestamp', values }]);
    expect(readParquet(bytes).list('at')).toEqual(values.map((value) => value && BigInt(value)));
    const at = tableFromIPC(readByRust(bytes).intoIPCStream()).getChild('at')!;
    expect(String(at.type)).toMatch(/^Timestamp<MILLISECOND/);
    expect(Array.from(at)).toEqual(values);
  });

  it('store a column of repetitions as runs of any length', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(5_000))), {
          maxLength: 60,
        }),
        (runs) => {
          const indices = Int32Array.from(runs, ([index]) => index);
          const repeats = Int32Array.from(runs, ([, length]) => length);
          const seeds = BigUint64Array.from({ length: 10 }, (_, at) => MAX - BigInt(at));
          const dictionary = Array.from({ length: 10 }, (_, at) => `text ${at}`);
          const bytes = writeParquet([
            { name: 'text', type: 'coded', dictionary, indices, repeats },
            { name: 'seed', type: 'coded', dictionary: seeds, indices, repeats },
          ]);
          const expected = runs.flatMap(([index, length]) => new Array<number>(length).fill(index));
          expect(readParquet(bytes).list('text')).toEqual(expected.map((index) => dictionary[index]));
          expect(readParquet(bytes).list('seed')).toEqual(expected.map((index) => seeds[index]));
          const byRust = tableFromIPC(readByRust(bytes).intoIPCStream());
          if (expected.length > 0) expect(Array.from(byRust.getChild('seed')!)).toEqual(expected.map((index) => seeds[index]));
        },
      ),
    ));

  it('accept more rows than fit in a page', () => {
    const values = Float64Array.from({ length: 300_001 }, (_, at) => Math.sin(at));
    const ints = Int32Array.from(values, (value) => value * 2 ** 31);
    const sparse = Array.from(values, (value, at) => (at % 3 === 0 ? null : value));
    const bytes = writeParquet([
      { name: 'v', type: 'float64', values },
      { name: 'i', type: 'int32', values: ints },
      { name: 's', type: 'float64', values: sparse },
    ]);
    const table = readParquet(bytes);
    expect(table.column('v').numbers).toEqual(values);
    expect(table.column('i').numbers).toEqual(ints);
    expect(table.list('s')).toEqual(sparse);
    const byRust = tableFromIPC(readByRust(bytes).intoIPCStream());
    expect(byRust.getChild('i')!.toArray()).toEqual(ints);
    expect(Array.from(byRust.getChild('s')!)).toEqual(sparse);
  });

  it('do not join two halves of a character from adjacent texts', () => {
    const bytes = writeParquet([{ name: 's', type: 'utf8', values: ['a\ud83d', '\ude00b', 'c'] }]);
    expect(readParquet(bytes).list('s')).toEqual(['a\ufffd', '\ufffdb', 'c']);
  });

  it('name the column with invalid bytes', () => {
    const bytes = writeParquet([{ name: 'v', type: 'float64', values: new Float64Array(1000) }]);
    bytes.fill(255, 20, 30);
    expect(() => readParquet(bytes).column('v')).toThrow(/column v of a Parquet file/);
    expect(() => readParquet(bytes.subarray(0, 100))).toThrow(/not a complete Parquet file/);
    expect(() => readParquet(new Uint8Array())).toThrow(/not a complete Parquet file/);
    expect(() => readParquet(writeParquet([])).column('v')).toThrow(/no column v/);
  });

  it('refuse columns of different lengths and repeated names', () => {
    const v = { name: 'v', type: 'float64', values: new Float64Array(2) } as const;
    expect(() => writeParquet([v, { ...v, name: 'w', values: new Float64Array(3) }])).toThrow(/w has 3 rows/);
    expect(() => writeParquet([v, v])).toThrow(/two columns v/);
  });
});

describe('sealed files', () => {
  it('detect a change of any single byte', () => {
    const bytes = writeSealed([
      { name: 'task_id', type: 'utf8', values: ['a', 'b'], isUnique: true },
      { name: 'n', type: 'int32', values: [1, null] },
    ]);
    expect(readSealed(bytes).list('n')).toEqual([1, null]);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      expect(isSealed(changed), `byte ${at}`).toBe(false);
      expect(isSealed(bytes.subarray(0, at)), `cut at ${at}`).toBe(false);
    }
  });

  it('are valid Parquet for other readers', () => {
    const table = tableFromIPC(readByRust(writeSealed([{ name: 'n', type: 'int32', values: [1, 2] }])).intoIPCStream());
    expect(Array.from(table.getChild('n')!)).toEqual([1, 2]);
  });
});

describe('Snappy', () => {
  // Of `abcdabcdabcdabcd` and 70 times `x`, by google/snappy's format description: literals, and copies that overlap themselves.
  const packed = Uint8Array.of(86, 3 << 2, 97, 98, 99, 100, 2 | (11 << 2), 4, 0, 0, 120, 2 | (63 << 2), 1, 0, 1 | (1 << 2), 1);
  const plain = Buffer.from('abcd'.repeat(4) + 'x'.repeat(70));

  it('is decompressed', () => {
    expect(Buffer.compare(decompressSnappy(packed, plain.length), plain)).toBe(0);
  });

  it('never takes more time or memory than its page for any bytes', () =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(200), (bytes, size) => {
        try {
          expect(decompressSnappy(bytes, size)).toHaveLength(size);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 1_000 },
    ));

  it('refuses a literal of negative length, which would cause an endless loop', () => {
    expect(() => decompressSnappy(Uint8Array.of(4, 63 << 2, 250, 255, 255, 255, 0, 0, 0), 4)).toThrow(RangeError);
  });
});

describe('runs', () => {
  it('with more values than their page are refused before memory is allocated', () => {
    expect(() => checkRuns(Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0x0f, 1), 1, 10)).toThrow(/values in a page of 10/);
    expect(() => checkRuns(Uint8Array.of(3), 8, 10)).toThrow(/cut off/);
    expect(() => checkRuns(new Uint8Array(), 1, 10)).toThrow(/cut off/);
  });

  it('from the encoder are accepted', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(20))), (runs) => {
        const [values, lengths] = [runs.map(([value]) => value), runs.map(([, length]) => length)];
        checkRuns(
          encodeRuns({ values, lengths }, 2),
          2,
          lengths.reduce((a, b) => a + b, 0),
        );
      }),
    ));
});

describe('DuckDB', () => {
  let folder: string;
  let instance: DuckDBInstance;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parquet-'));
    instance = await DuckDBInstance.create(':memory:');
  });
  afterAll(() => {
    instance.closeSync();
    rmSync(folder, { recursive: true });
  });

  it('reads every type identically', async () => {
    const connection = await instance.connect();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(columns, async (values) => {
        // DuckDB caches pages and detects a rewritten file by its modification time in milliseconds.
        const file = join(folder, `${run++}.parquet`);
        writeFileSync(file, writeParquet(columnsOf(values)));
        const rows = (await connection.runAndReadAll(`SELECT * FROM read_parquet('${file}')`)).getColumnsObject();
        for (const name of names) expect(rows[name] ?? []).toEqual(Array.from<unknown>(values[name]));
      }),
      { numRuns: 50 },
    );
    connection.closeSync();
  });
});

it('there are no codes for nulls or for many distinct texts', () => {
  expect(codesOf(['a', null])).toBeUndefined();
  expect(codesOf(['a', 'b', 'c'], 2)).toBeUndefined();
  expect(codesOf(['b', 'a', 'b'])).toEqual({ dictionary: ['b', 'a'], indices: Int32Array.of(0, 1, 0) });
});
