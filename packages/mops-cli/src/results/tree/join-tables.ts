import type { OutputTable } from '@modelops/contracts';
import { concatColumns } from '@modelops/model-host';

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

/** Texts and booleans may hold nulls. */
function joinValues(parts: readonly ColumnValues[]): ColumnValues {
  return ArrayBuffer.isView(parts[0]) ? concatColumns(parts) : (parts as (readonly string[])[]).flat();
}
