import { resolve } from 'node:path';
import { defineCommand, type FieldsOf, formatCount, formatTable, jsonDocument } from '@modelops/cli-kit';
import { ModelOpsError } from '@modelops/contracts';
import { csvCell } from '@modelops/sdk/internal';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import type { resultsQuery as QueryDocument } from '../documents/results.ts';
import { explainQuery, type QueryTable, runQuery, type WrittenQuery, writeQuery } from '../results/query/run-query.ts';
import { envOption } from './options.ts';

/** Maximum number of rows printed, and written to a file, without `--limit`. */
const PRINTED_ROWS = 10_000;
const WRITTEN_ROWS = 100_000_000;

export const command = defineCommand({
  examples: [
    'mops results query "SELECT target, min(loss) FROM losses GROUP BY target"',
    'mops results query "SELECT day, avg(infected) FROM prevalence WHERE param_beta > 1 GROUP BY day ORDER BY day" --csv',
    'mops results query - --parquet best.parquet < best.sql',
  ],
  args: z.object({
    sql: z
      .string()
      .describe(
        'One SELECT over the views losses, jobs, tasks, failures, attribution, parameters and one view for each model output; - reads stdin',
      ),
  }),
  options: z.object({
    csv: z.boolean().default(false).describe('Print CSV'),
    parquet: z.string().optional().describe('Write a Parquet file').meta({ placeholder: 'FILE' }),
    arrow: z.string().optional().describe('Write an Arrow IPC file').meta({ placeholder: 'FILE' }),
    force: z.boolean().default(false).describe('Replace an existing file'),
    limit: z
      .int()
      .min(1)
      .optional()
      .describe(`Maximum number of rows (default: ${formatCount(PRINTED_ROWS)}; in a file ${formatCount(WRITTEN_ROWS)})`),
    timeout: z.number().positive().default(60).describe('Stop the query after this many seconds').meta({ placeholder: 'SECONDS' }),
    explain: z.boolean().default(false).describe('Print the query plan of DuckDB'),
    env: envOption,
  }),
  schema: 'modelops.results.query/v1',
  document: async (): Promise<z.ZodType> => (await import('../documents/results.ts')).resultsQuery,
  run: async ({ sql: given, csv, parquet, arrow, force, limit, timeout, explain, env }, deps: MopsDeps): Promise<Answer> => {
    const forms = { '--csv': csv, '--parquet': parquet !== undefined, '--arrow': arrow !== undefined, '--explain': explain };
    const chosen = Object.entries(forms).flatMap(([flag, isSet]) => (isSet ? [flag] : []));
    if (chosen.length > 1) throw new ModelOpsError('USAGE', `${chosen.join(' and ')} cannot be combined`, { hint: 'use one of them' });
    const sql = given === '-' ? await deps.readStdin() : given;
    const opened = await deps.open(env);
    const limits = { seconds: timeout, signal: deps.signal, onUnreadable: deps.reporter.warn, onStuck: deps.abandon };
    if (explain) return { plan: await explainQuery(sql, opened, limits) };
    const path = parquet ?? arrow;
    const rows = limit ?? (path === undefined ? PRINTED_ROWS : WRITTEN_ROWS);
    if (path === undefined) return { table: await runQuery(sql, opened, { ...limits, rows }), isCsv: csv };
    const file = { path: resolve(deps.cwd, path), format: parquet === undefined ? ('arrow' as const) : ('parquet' as const), force };
    return { file: { path: file.path, ...(await writeQuery(sql, file, opened, { ...limits, rows })) } };
  },
  human: (data: Answer) => {
    if ('plan' in data) return data.plan;
    if ('file' in data) return `${formatCount(data.file.rows, 'row')} in ${data.file.path}`;
    return data.isCsv ? csvOf(data.table) : tableOf(data.table);
  },
  json: (data) => jsonDocument('modelops.results.query/v1', documentOf(data)),
  notes: (data) => {
    const rows = 'table' in data ? data.table.rows.length : 'file' in data ? data.file.rows : 0;
    const isTruncated = ('table' in data && data.table.truncated) || ('file' in data && data.file.truncated);
    return isTruncated ? `the query has more than ${formatCount(rows, 'row')}: increase --limit` : '';
  },
});

type Answer =
  | { readonly plan: string }
  | { readonly file: WrittenQuery & { readonly path: string } }
  | { readonly table: QueryTable; readonly isCsv: boolean };

function documentOf(data: Answer): FieldsOf<typeof QueryDocument> {
  if ('plan' in data) return data;
  if ('file' in data) return { file: data.file.path, row_count: data.file.rows, truncated: data.file.truncated };
  const { columns, rows, truncated } = data.table;
  const objects = rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])));
  return { columns, rows: objects, row_count: rows.length, truncated };
}

function tableOf({ columns, rows }: QueryTable): string {
  if (rows.length === 0) return `no rows; columns: ${columns.map(({ name }) => name).join(', ')}`;
  const isNumber = (at: number) => rows.every((row) => row[at] === null || typeof row[at] === 'number');
  return formatTable(
    rows,
    columns.map(({ name }, at) => ({
      title: name,
      value: (row) => textOf(row[at]),
      align: isNumber(at) ? ('right' as const) : ('left' as const),
    })),
  );
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function* csvOf({ columns, rows }: QueryTable): Iterable<string> {
  const cell = (value: unknown) => csvCell(typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
  yield `${columns.map(({ name }) => csvCell(name)).join()}\n`;
  for (const row of rows) yield `${row.map(cell).join()}\n`;
}
