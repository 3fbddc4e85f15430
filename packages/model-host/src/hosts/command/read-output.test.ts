import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Float64, Int32, Table, tableFromArrays, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../testing/sources.ts';
import type { DeclaredColumns } from './output-columns.ts';
import { readOutput } from './read-output.ts';

const COLUMNS: DeclaredColumns = { day: 'int', infected: 'float', big: 'int64', place: 'text', open: 'bool' };

async function read(content: string | Uint8Array, columns: DeclaredColumns = COLUMNS, file = 'out.csv') {
  const path = join(makeFolder(), file);
  writeFileSync(path, content);
  return readOutput(path, columns, file);
}

const reasonOf = (content: string | Uint8Array, columns?: DeclaredColumns, file?: string): Promise<string> =>
  read(content, columns, file).then(
    () => 'no error',
    ({ type, message }: { type: string; message: string }) => `${type}: ${message}`,
  );

const ROWS = {
  day: Int32Array.of(0, 1),
  infected: Float64Array.of(1.5, Number.NaN),
  big: BigInt64Array.of(2n ** 62n, -3n),
  place: ['here', 'there, too'],
  open: [true, false],
};

describe('CSV', () => {
  it.each([
    ['quoted', '"day","extra",infected,big,place,open\r\n0,x,1.5,4611686018427387904,here,TRUE\r\n1,y,NA,-3,"there, too",0\r\n'],
    [
      'with blank lines and blanks',
      '\uFEFFday, infected,big,place,open\n\n0, 1.5 ,4611686018427387904,"here",true\n1,,-3,"there, too",false',
    ],
  ])('gives the declared columns in their types (%s)', async (_what, text) => {
    expect(await read(text)).toEqual(ROWS);
  });

  it('without quotes is read like with the library', async () => {
    const text = 'a,b\n1,x\n2,y\n';
    expect(await read(text, { b: 'text', a: 'int' })).toEqual(await read(text.replace('x', '"x"'), { b: 'text', a: 'int' }));
    expect(await read('x\n1\n2\n3\n', { x: 'float' })).toEqual({ x: Float64Array.of(1, 2, 3) });
    expect(await read('x,y\n', { x: 'float', y: 'text' })).toEqual({ x: new Float64Array(0), y: [] });
    expect(await read('x\ninf\n-Inf\n-nan\n1e-3\n1E5\n', { x: 'float' })).toEqual({
      x: Float64Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0.001, 100_000),
    });
    expect(await read('n\n1e+05\n', { n: 'int' })).toEqual({ n: Int32Array.of(100_000) });
  });

  it('is rejected with file, line and column', async () => {
    const two = { a: 'int', b: 'float' } as const;
    expect(await reasonOf('a,b\n1,2\n3,x\n', two)).toBe('InvalidOutput: out.csv, line 3, column b: expected a number, got "x"');
    expect(await reasonOf('a,b\n1.5,2\n', two)).toBe(
      'InvalidOutput: out.csv, line 2, column a: expected a whole number of 32 bits, got "1.5"',
    );
    expect(await reasonOf('a,b\n3000000000,2\n', two)).toContain('expected a whole number of 32 bits');
    expect(await reasonOf('a,b\n,2\n', two)).toContain('column a');
    expect(await reasonOf('a,b\n1,2\n3\n', two)).toBe('InvalidOutput: out.csv, line 3: expected 2 cells as in the header, got 1');
    expect(await reasonOf('a,b\n1,2,3\n', two)).toContain('got 3');
    expect(await reasonOf('a,b\n1,"2"\n3\n', two)).toMatch(/^InvalidOutput: out\.csv is not valid CSV/);
    expect(await reasonOf('a,c\n1,2\n', two)).toBe('InvalidOutput: out.csv has no column b; its header is a,c');
    expect(await reasonOf('a,b,b\n1,2,3\n', two)).toBe('InvalidOutput: out.csv has two columns b');
    expect(await reasonOf('', two)).toBe('InvalidOutput: out.csv has no column a, b; it is empty');
  });
});

describe('Arrow and Parquet', () => {
  const arrow = () =>
    tableToIPC(
      new Table({
        day: vectorFromArray([0, 1], new Int32()),
        infected: vectorFromArray([1.5, null], new Float64()),
        big: vectorFromArray([2n ** 62n, -3n]),
        place: vectorFromArray(['here', 'there, too'], new Utf8()),
        open: vectorFromArray([true, false]),
        extra: vectorFromArray([1, 2]),
      }),
      'file',
    );
  const parquet = (codec: 'SNAPPY' | 'UNCOMPRESSED') =>
    new Uint8Array(
      parquetWriteBuffer({
        codec,
        columnData: [
          { name: 'day', data: [0, 1], type: 'INT32' },
          { name: 'infected', data: [1.5, null], type: 'DOUBLE' },
          { name: 'big', data: [2n ** 62n, -3n], type: 'INT64' },
          { name: 'place', data: ['here', 'there, too'], type: 'STRING' },
          { name: 'open', data: [true, false], type: 'BOOLEAN' },
        ],
      }),
    );

  it('return the declared columns in their types', async () => {
    expect(await read(arrow(), COLUMNS, 'out.arrow')).toEqual(ROWS);
    expect(await read(parquet('SNAPPY'), COLUMNS, 'out.parquet')).toEqual(ROWS);
    expect(await read(parquet('UNCOMPRESSED'), { day: 'float' }, 'out.parquet')).toEqual({ day: Float64Array.of(0, 1) });
    const stream = tableToIPC(tableFromArrays({ x: Float64Array.of(1, 2) }), 'stream');
    expect(await read(stream, { x: 'float' }, 'out.feather')).toEqual({ x: Float64Array.of(1, 2) });
  });

  it('are rejected with file, row and column', async () => {
    expect(await reasonOf(arrow(), { place: 'float' }, 'out.arrow')).toBe(
      'InvalidOutput: out.arrow, row 1, column place: "here" is not of the declared type float',
    );
    expect(await reasonOf(arrow(), { gone: 'float' }, 'out.arrow')).toBe(
      'InvalidOutput: out.arrow has no column gone; it has day, infected, big, place, open, extra',
    );
    expect(await reasonOf(parquet('SNAPPY'), { gone: 'float' }, 'out.parquet')).toContain('has no column gone; it has day,');
    expect(await reasonOf(arrow().subarray(0, 100), COLUMNS, 'out.arrow')).toContain('not a complete Arrow file');
    expect(await reasonOf('text', COLUMNS, 'out.parquet')).toMatch(/^InvalidOutput: cannot read out\.parquet: /);
  });
});

it('a file that was not written, or is not a regular file, is reported', async () => {
  expect(await readOutput('/no/where', {}, 'out.csv').catch(({ message }) => message)).toBe('the command ended without writing out.csv');
  expect(await readOutput(makeFolder(), {}, 'out.csv').catch(({ message }) => message)).toBe('out.csv is not a regular file');
});
