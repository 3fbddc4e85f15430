import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Cell } from '../tables/table.ts';
import { csvText, parquetBytes } from '../tables/write-table.ts';
import { useProject } from '../testing/project.ts';

const project = useProject();

const SETS = 40;
const each = <T>(of: (k: number) => T) => Array.from({ length: SETS }, (_, k) => of(k));
const columns = new Map<string, Cell[]>([
  ['param_beta', each((k) => 0.1 + k / 50)],
  ['param_mode', each((k) => ['a', 'b'][k % 2]!)],
  ['loss', each((k) => (k === 7 ? null : (0.1 + k / 50 - 0.4) ** 2))],
  ['note', each(() => 'x')],
]);
const page = () => readFileSync(join(project.folder, 'report.html'), 'utf8');
const rowsIn = (text: string): { columns: string[]; rows: Cell[][] } =>
  JSON.parse(/<script type="application\/json" id="losses">(.*)<\/script>/.exec(text)![1]!);
const write = (name: string, content: string | Uint8Array) => writeFileSync(join(project.folder, name), content);

describe('cb diagnostics report', () => {
  it('makes a page of any Parquet with param_ columns and loss, and its plots', async () => {
    write('trials.parquet', await parquetBytes({ size: SETS, columns }));
    const { status, out, err } = await project.run('diagnostics report trials.parquet --plots figures');
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain('report.html: 40 parameter sets');
    const { columns: names, rows } = rowsIn(page());
    expect(names).toEqual(['row', 'param_id', 'beta', 'mode', 'loss']);
    const sets = [...rows].sort((a, b) => Number(a[0]) - Number(b[0])).map(([, , ...values]) => values);
    expect(sets).toEqual(each((k) => [columns.get('param_beta')![k], columns.get('param_mode')![k], columns.get('loss')![k]]));
    expect(readdirSync(join(project.folder, 'figures'))).toEqual(
      expect.arrayContaining(['coverage.svg', 'loss-sensitivity.svg', 'loss-sensitivity.png']),
    );
  });

  it('takes rows of one set and target as its replicates', async () => {
    write('trials.csv', 'param_x,target,loss\n1,a,2\n2,a,8\n1,a,4\n1,b,10\n');
    await project.run('diagnostics report trials.csv');
    const { columns: names, rows } = rowsIn(page());
    expect(names).toEqual(['row', 'param_id', 'x', 'loss a', 'loss b']);
    expect(rows.map(([, , ...values]) => values)).toEqual([
      [1, 3, 10],
      [2, 8, null],
    ]);
  });

  it('refuses a folder for plots that cannot be created', async () => {
    write('trials.csv', [...csvText({ size: SETS, columns })].join(''));
    write('figures', 'a file');
    const { status, err } = await project.run('diagnostics report trials.csv --plots figures');
    expect([status, err]).toEqual([5, expect.stringContaining('cannot write')]);
  });

  it('names missing columns, and overwrites only reports', async () => {
    write('bare.csv', 'x,loss\n1,2\n');
    const bare = await project.run('diagnostics report bare.csv');
    expect([bare.status, bare.err]).toEqual([2, expect.stringContaining('bare.csv has no columns param_<name>')]);
    write('trials.csv', [...csvText({ size: SETS, columns })].join(''));
    write('report.html', 'mine');
    expect((await project.run('diagnostics report trials.csv')).status).toBe(4);
    expect(page()).toBe('mine');
    expect((await project.run('diagnostics report trials.csv --force')).status).toBe(0);
    expect((await project.run('diagnostics report trials.csv')).status).toBe(0);
    expect((await project.run('diagnostics report nothing.csv')).status).toBe(3);
  });
});
