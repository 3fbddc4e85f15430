import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Column, defineTarget, meanReplicateMse } from '@modelops/sdk';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, expect, it } from 'vitest';
import { readObserved } from './observed-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'modelops-observed-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, bytes: string | ArrayBuffer): string {
  const file = join(folder, name);
  writeFileSync(file, typeof bytes === 'string' ? bytes : new Uint8Array(bytes));
  return file;
}

it('reads the same columns from Parquet as from CSV', async () => {
  const parquet = parquetWriteBuffer({
    columnData: [
      { name: 'day', data: [0, 1, 2], type: 'INT32' },
      { name: 'cases', data: [1n, 2n, 3n], type: 'INT64' },
      { name: 'share', data: [0.5, null, 0.25], type: 'DOUBLE', nullable: true },
      { name: 'region', data: ['n', 's', 'n'], type: 'STRING' },
    ],
  });
  const fromCsv = await readObserved(written('a.csv', 'day,cases,share,region\n0,1,0.5,n\n1,2,,s\n2,3,0.25,n\n'));
  expect(await readObserved(written('a.PARQUET', parquet))).toEqual(fromCsv);
});

it('keeps integers that a float cannot represent, and rejects dates and other bytes', async () => {
  const large = parquetWriteBuffer({ columnData: [{ name: 'id', data: [2n ** 60n + 1n], type: 'INT64' }] });
  expect(await readObserved(written('large.parquet', large))).toEqual({ id: BigInt64Array.of(2n ** 60n + 1n) });
  const dates = parquetWriteBuffer({ columnData: [{ name: 'when', data: [new Date(0)], type: 'TIMESTAMP' }] });
  await expect(readObserved(written('dates.parquet', dates))).rejects.toMatchObject({
    code: 'FILE_INVALID',
    message: 'column when of the observed data has values that are not numbers, text or booleans',
  });
  await expect(readObserved(written('bad.parquet', 'day\n1\n'))).rejects.toMatchObject({ code: 'FILE_INVALID' });
});

type Values = Readonly<Record<string, readonly (number | string)[]>>;
interface JoinCase {
  readonly name: string;
  readonly join: { exact?: string[]; near?: string; by?: string[]; direction?: 'backward' | 'forward'; tolerance?: number } | null;
  readonly observed: Values;
  readonly simulated: Values;
  readonly expected: readonly number[];
}

/** Written by packages/sdk-python/scripts/target-vectors.py. */
const { joins } = JSON.parse(readFileSync(new URL('../../../../sdk-python/tests/golden/targets.json', import.meta.url), 'utf8')) as {
  readonly joins: readonly JoinCase[];
};

it.each(joins)(
  'observed data in Parquet is joined as the vectors are: $name',
  async ({ name, join: rule, observed, simulated, expected }) => {
    const columns = { ...observed, v: expected };
    const columnData = Object.entries(columns).map(([column, values]) => {
      return { name: column, data: [...values], type: typeof values[0] === 'string' ? ('STRING' as const) : ('DOUBLE' as const) };
    });
    const file = written(`${name}.parquet`, parquetWriteBuffer({ columnData }));
    const { exact, near, ...rest } = rule ?? {};
    const target = defineTarget({
      output: 'o',
      data: 'o.parquet',
      join: rule === null ? 'none' : (exact ?? { column: near!, ...rest }),
      value: 'v',
      evaluator: meanReplicateMse(),
    });
    const rows = Object.values(simulated)[0]!.length;
    const columnOf = (values: readonly (number | string)[]): Column =>
      typeof values[0] === 'string' ? (values as string[]) : Float64Array.from(values as number[]);
    const output = {
      columns: Object.fromEntries(Object.entries(simulated).map(([column, values]) => [column, columnOf(values)])),
      rows: [rows],
    };
    const { loss, diagnostics } = target.evaluate({ outputs: { o: output }, observed: { 'o.parquet': await readObserved(file) } });
    expect([loss, diagnostics]).toEqual([0, expect.objectContaining({ n_matched: expected.length })]);
  },
);
