import { rm } from 'node:fs/promises';
import { literal, openDuck } from '../views/duckdb.ts';

/** Writes a Parquet file anew as CSV or Arrow, by the extension of `to`, and removes it. */
export async function convertParquet(from: string, to: string): Promise<void> {
  const { connection, close } = await openDuck();
  try {
    const rows = `FROM read_parquet(${literal(from)})`;
    if (to.endsWith('.csv')) await connection.run(`COPY (${rows}) TO ${literal(to)} (FORMAT csv, HEADER)`);
    else await (await import('../query/write-arrow.ts')).writeArrow(await connection.stream(rows), to, Number.POSITIVE_INFINITY);
  } finally {
    close();
  }
  await rm(from);
}
