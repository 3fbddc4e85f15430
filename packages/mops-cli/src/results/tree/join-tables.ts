import type { OutputTable } from '@modelops/contracts';

export type Columns = OutputTable['columns'];
export type ColumnValues = Columns[number]['values'];

/** One output of several results, each with the same columns or none, as one table in their order. */
export function joinTables(parts: readonly Columns[]): OutputTable {
  const filled = parts.filter((columns) => columns.length > 0);
  return {
    rows: Int32Array.from(parts, (columns) => columns[0]?.values.length ?? 0),
    columns: (filled[0] ?? []).map(({ name }, at) => ({ name, values: joinValues(filled.map((columns) => columns[at]!.values)) })),
  };
}

function joinValues(parts: readonly ColumnValues[]): ColumnValues {
  const [first] = parts;
  if (first instanceof Float64Array) return fill(new Float64Array(lengthOf(parts)), parts as Float64Array[]);
  if (first instanceof Int32Array) return fill(new Int32Array(lengthOf(parts)), parts as Int32Array[]);
  if (first instanceof BigInt64Array) return fill(new BigInt64Array(lengthOf(parts)), parts as BigInt64Array[]);
  return (parts as (readonly string[])[]).flat();
}

const lengthOf = (parts: readonly ColumnValues[]) => parts.reduce((sum, { length }) => sum + length, 0);

function fill<T extends { set(from: T, at: number): void; readonly length: number }>(into: T, parts: readonly T[]): T {
  let at = 0;
  for (const part of parts) {
    into.set(part, at);
    at += part.length;
  }
  return into;
}
