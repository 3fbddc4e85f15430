import { rm } from 'node:fs/promises';
import { literal, openDuck } from '../views/duckdb.ts';

/** Converts a Parquet file to Parquet, CSV or Arrow, by the extension of `to`, and deletes it. `columns` is the list of a SELECT. */
export async function convertParquet(from: string, to: string, columns = '*'): Promise<void> {
  const { connection, close } = await openDuck();
  try {
    const rows = `SELECT ${columns} FROM read_parquet(${literal(from)})`;
    if (to.endsWith('.arrow'))
      await (await import('../query/write-arrow.ts')).writeArrow(await connection.stream(rows), to, Number.POSITIVE_INFINITY);
    else await connection.run(`COPY (${rows}) TO ${literal(to)} (${to.endsWith('.csv') ? 'FORMAT csv, HEADER' : 'FORMAT parquet'})`);
  } finally {
    close();
  }
  await rm(from);
}
