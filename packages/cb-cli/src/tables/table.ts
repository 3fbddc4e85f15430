/** A value of a table. */
export type Cell = boolean | number | string | null;

/** A table read from a file: columns by name, all of the same length. */
export interface Table {
  readonly size: number;
  readonly columns: ReadonlyMap<string, ArrayLike<Cell>>;
}

/** Converts rows to columns; a missing value is null. */
export function tableOfRows(rows: readonly Readonly<Record<string, unknown>>[]): Table {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { size: rows.length, columns: new Map(names.map((name) => [name, rows.map((row) => cellOf(row[name]))])) };
}

/** A value as a cell: 64-bit integers as numbers if that is exact, otherwise as text. */
export function cellOf(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}
