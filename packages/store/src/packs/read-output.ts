import type { Table } from 'apache-arrow';
import type { ColumnValues, OutputTable } from './rows.ts';

/** The rows [start, end) of simulation `place` in its pack's output file. */
export function outputRows(rows: Int32Array, place: number): readonly [number, number] {
  let start = 0;
  for (let at = 0; at < place; at++) start += rows[at]!;
  return [start, start + rows[place]!];
}

/** The output's own columns of some rows; what the pack added (param_id, seed) is left out. */
export function sliceColumns(table: Table, [start, end]: readonly [number, number]): OutputTable['columns'] {
  return table.schema.fields
    .map(({ name }) => name)
    .filter((name) => name !== 'param_id' && name !== 'seed')
    .map((name) => {
      const part = table.getChild(name)!.slice(start, end);
      const values = part.toArray() as unknown;
      return { name, values: isTyped(values) ? values : (Array.from(part) as readonly string[] | readonly boolean[]) };
    });
}

function isTyped(values: unknown): values is Float64Array | Int32Array | BigInt64Array {
  return values instanceof Float64Array || values instanceof Int32Array || values instanceof BigInt64Array;
}

/** Tables one after another. Columns that numbers fill stay typed. */
export function joinTables(tables: readonly OutputTable[]): OutputTable {
  const rows = Int32Array.from(tables.flatMap((table) => [...table.rows]));
  const names = tables.find(({ columns }) => columns.length > 0)?.columns.map(({ name }) => name) ?? [];
  const filled = tables.filter(({ columns }) => columns.length > 0);
  return { rows, columns: names.map((name, at) => ({ name, values: join(filled.map(({ columns }) => columns[at]!.values)) })) };
}

function join(parts: readonly ColumnValues[]): ColumnValues {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const [first] = parts;
  if (first instanceof Float64Array || parts.some((part) => part instanceof Float64Array)) return fill(new Float64Array(length), parts);
  if (first instanceof Int32Array) return fill(new Int32Array(length), parts);
  if (first instanceof BigInt64Array) return fill(new BigInt64Array(length), parts);
  return (parts as readonly (readonly string[])[]).flat();
}

function fill<T extends Float64Array | Int32Array | BigInt64Array>(target: T, parts: readonly ColumnValues[]): T {
  let at = 0;
  for (const part of parts) {
    (target as Float64Array).set(part as Float64Array, at);
    at += part.length;
  }
  return target;
}
