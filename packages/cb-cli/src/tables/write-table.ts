import { csvLines } from '@modelops/sdk/internal';
import type { Cell, Table } from './table.ts';

/** A table as CSV, in pieces. */
export function csvText({ columns }: Table): Iterable<string> {
  return csvLines([...columns].map(([name, values]) => ({ name, values })));
}

/** A table as Parquet: nullable DOUBLE, BOOLEAN and UTF-8 columns. */
export async function parquetBytes({ columns }: Table): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columnData = [...columns].map(([name, values]) => {
    const data = Array.from(values);
    const type = typeOf(data);
    return { name, data: type === 'STRING' ? data.map((cell) => (cell === null ? null : String(cell))) : data, type, nullable: true };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function typeOf(cells: readonly Cell[]): 'DOUBLE' | 'BOOLEAN' | 'STRING' {
  const given = cells.filter((cell) => cell !== null);
  if (given.length > 0 && given.every((cell) => typeof cell === 'number')) return 'DOUBLE';
  return given.length > 0 && given.every((cell) => typeof cell === 'boolean') ? 'BOOLEAN' : 'STRING';
}
