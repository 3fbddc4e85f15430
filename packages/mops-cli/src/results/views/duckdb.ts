import type { DuckDBConnection } from '@duckdb/node-api';

/** A DuckDB in memory that never loads extensions automatically. Closed by its owner. */
export interface Duck {
  readonly connection: DuckDBConnection;
  close(): void;
}

export async function openDuck(): Promise<Duck> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' });
  const connection = await instance.connect();
  // Times are shown in UTC, as stored, in any time zone of the machine.
  await connection.run("SET TimeZone = 'UTC'");
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Runs `use` in a DuckDB of its own. */
export function withDuck<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  return withDuckAnd(undefined, use);
}

/** Runs `use` in a DuckDB of its own, which opens while `input` is prepared: that takes as long as to read and check a million losses. */
export async function withDuckAnd<T, I>(input: I | Promise<I>, use: (connection: DuckDBConnection, input: I) => Promise<T>): Promise<T> {
  const opening = openDuck();
  try {
    const [prepared, { connection }] = await Promise.all([input, opening]);
    return await use(connection, prepared);
  } finally {
    (await opening).close();
  }
}

/** A text literal of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An identifier of SQL, quoted. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
