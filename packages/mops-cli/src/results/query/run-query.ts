import { makeOutputFile } from '@modelops/system';
import type { Table } from 'apache-arrow';
import type { OpenEnvironment } from '../../deps.ts';
import { literal } from '../views/duckdb.ts';
import { guardedQuery, guardedStream, type QueryLimits } from './guarded-query.ts';
import { plainValue } from './plain-values.ts';

type Opened = Pick<OpenEnvironment, 'stores' | 'environment' | 'cacheDir'>;

export interface QueryOptions extends QueryLimits {
  /** Maximum number of rows. */
  readonly rows: number;
}

export interface QueryTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** JSON values; integers above 2^53, NaN and infinities as text, times in ISO 8601. */
  readonly rows: readonly (readonly unknown[])[];
  /** Whether the query has more rows than the limit. */
  readonly truncated: boolean;
}

/** The rows of a query. @throws as {@link guardedQuery} does */
export function runQuery(sql: string, opened: Opened, { rows: limit, ...limits }: QueryOptions): Promise<QueryTable> {
  return guardedQuery(sql, opened, limits, async (connection) => {
    const reader = await connection.streamAndReadUntil(sql, limit + 1);
    const names = reader.deduplicatedColumnNames();
    const types = reader.columnTypes();
    return {
      columns: names.map((name, at) => ({ name, type: types[at]!.toString() })),
      rows: reader
        .getRows()
        .slice(0, limit)
        .map((row) => row.map(plainValue)),
      truncated: reader.currentRowCount > limit,
    };
  });
}

/** The rows of a query as an Arrow table. @throws as {@link guardedQuery} does */
export function queryTable(sql: string, opened: Opened, { rows, ...limits }: QueryOptions): Promise<Table> {
  return guardedQuery(sql, opened, limits, async (connection) => {
    const { arrowTable } = await import('./write-arrow.ts');
    return arrowTable(await connection.stream(sql), rows);
  });
}

/**
 * The rows of a query as Arrow tables of a few ten thousand rows, read as they are asked for. A consumer that stops early ends the query.
 * @throws as {@link guardedStream} does
 */
export async function* streamQuery(sql: string, opened: Opened, { rows, ...limits }: QueryOptions): AsyncGenerator<Table> {
  const { Table: ArrowTable } = await import('apache-arrow');
  const { recordBatches } = await import('./write-arrow.ts');
  const batches = guardedStream(sql, opened, limits, async function* (connection) {
    yield* recordBatches(await connection.stream(sql), rows);
  });
  for await (const batch of batches) yield new ArrowTable([batch]);
}

/** The query plan of DuckDB. @throws as {@link guardedQuery} does */
export function explainQuery(sql: string, opened: Opened, limits: QueryLimits): Promise<string> {
  return guardedQuery(sql, opened, limits, async (connection) => {
    const reader = await connection.runAndReadAll(`EXPLAIN ${sql}`);
    return reader
      .getRows()
      .map((row) => String(row[1]))
      .join('\n');
  });
}

export interface QueryFile {
  readonly path: string;
  readonly format: 'parquet' | 'arrow';
  /** Whether an existing file is replaced. */
  readonly force: boolean;
}

export type WrittenQuery = Pick<QueryTable, 'truncated'> & { readonly rows: number };

/** Writes the rows of a query to a file in one step. @throws as {@link guardedQuery} and `makeOutputFile` do */
export async function writeQuery(
  sql: string,
  { path, format, force }: QueryFile,
  opened: Opened,
  { rows: limit, ...limits }: QueryOptions,
): Promise<WrittenQuery> {
  return makeOutputFile(path, { isForced: force }, (temporary) =>
    guardedQuery(sql, opened, { ...limits, writes: temporary }, async (connection): Promise<WrittenQuery> => {
      if (format === 'arrow') return (await import('./write-arrow.ts')).writeArrow(await connection.stream(sql), temporary, limit);
      const query = `SELECT * FROM (${sql.replace(/[\s;]+$/, '')}\n) LIMIT ${limit + 1}`;
      await connection.run(`CREATE TEMP TABLE "the rows" AS ${query}`);
      const copied = await connection.runAndReadAll(`COPY (FROM "the rows" LIMIT ${limit}) TO ${literal(temporary)} (FORMAT parquet)`);
      const [count] = (await connection.runAndReadAll('SELECT count(*)::DOUBLE FROM "the rows"')).getRows()[0]!;
      return { rows: Number(copied.getRows()[0]![0]), truncated: Number(count) > limit };
    }),
  );
}
