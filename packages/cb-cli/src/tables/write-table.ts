import type { Cell, Table } from './table.ts';

/** A table as CSV (RFC 4180). Text is quoted if necessary, or if it begins or ends with a space; null is an empty cell. */
export function* csvText({ columns, size }: Table): Generator<string> {
  yield `${[...columns.keys()].map(quoted).join(',')}\n`;
  const values = [...columns.values()];
  for (let start = 0; start < size; start += 4096) {
    let text = '';
    for (let row = start; row < Math.min(size, start + 4096); row++)
      text += `${values.map((column) => cellText(column[row]!)).join(',')}\n`;
    yield text;
  }
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

function cellText(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'string' ? quoted(cell) : String(cell);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
