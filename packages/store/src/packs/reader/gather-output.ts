import { type ColumnValues, ModelOpsError, type OutputTable } from '@modelops/contracts';
import type { ColumnData } from '../parquet/decode-column.ts';
import type { ParquetTable } from '../parquet/read-parquet.ts';
import { ADDED_COLUMNS } from '../rows.ts';
import type { PackOutput } from './open-output.ts';

/** A simulation in an output of a pack. */
export interface OutputPlace {
  readonly output: PackOutput;
  readonly row: number;
}

/**
 * The columns of an output for simulations in the given order, without those that the pack added (param_id, seed). Integers mixed with floats
 * become floats. @throws MODEL_INVALID if packs differ in their columns or otherwise in types
 */
export function gatherOutput(output: string, places: readonly OutputPlace[]): OutputTable {
  const rows = Int32Array.from(places, ({ output: { starts }, row }) => starts[row + 1]! - starts[row]!);
  const total = rows.reduce((sum, count) => sum + count, 0);
  const withRows = places.filter((_, at) => rows[at]! > 0);
  const first = (withRows[0] ?? places.find(({ output: { table } }) => table !== undefined))?.output.table;
  const names = (first?.names ?? []).filter((name) => !ADDED_COLUMNS.includes(name));
  return { rows, columns: names.map((name) => ({ name, values: gatherColumn(`${output}.${name}`, name, withRows, total, first!) })) };
}

function gatherColumn(what: string, name: string, places: readonly OutputPlace[], total: number, first: ParquetTable): ColumnValues {
  const columns = new Map<ParquetTable, ColumnData>([[first, first.column(name)]]);
  for (const { output } of places) {
    const table = output.table!;
    if (columns.has(table)) continue;
    if (!table.has(name)) throw new ModelOpsError('MODEL_INVALID', `some simulations have no column ${what}`);
    columns.set(table, table.column(name));
  }
  const forms = new Set([...columns.values()].map(({ type }) => type));
  const form = forms.size === 1 ? [...forms][0]! : 'float64';
  if (forms.size > 1 && ![...forms].every((one) => one === 'float64' || one === 'int32'))
    throw new ModelOpsError('MODEL_INVALID', `simulations differ in the type of ${what}: ${[...forms].sort().join(', ')}`);
  if (form === 'utf8' || form === 'bool') return gatherList(places, columns);
  const values = form === 'float64' ? new Float64Array(total) : form === 'int32' ? new Int32Array(total) : new BigInt64Array(total);
  let at = 0;
  for (const { output, row } of places) {
    const { numbers } = columns.get(output.table!)!;
    if (numbers === undefined) throw new ModelOpsError('STORE_CORRUPT', `column ${what} has nulls among its numbers`);
    const part = numbers.subarray(output.starts[row]!, output.starts[row + 1]!);
    (values as Float64Array).set(part as Float64Array, at);
    at += part.length;
  }
  return values;
}

function gatherList(places: readonly OutputPlace[], columns: ReadonlyMap<ParquetTable, ColumnData>): ColumnValues {
  const lists = new Map<ParquetTable, readonly unknown[]>();
  const values: unknown[] = [];
  for (const { output, row } of places) {
    const table = output.table!;
    const list = lists.get(table) ?? columns.get(table)!.toList();
    lists.set(table, list);
    for (let at = output.starts[row]!; at < output.starts[row + 1]!; at++) values.push(list[at]);
  }
  return values as readonly string[] | readonly boolean[];
}
