import { DuckDBInstance } from '@duckdb/node-api';

/** The rows of a query, by DuckDB: what any other tool would read of our files. */
export async function query<T>(sql: string): Promise<T[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS() as T[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
