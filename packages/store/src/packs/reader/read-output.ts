import { type ColumnValues, ModelOpsError, type OutputTable, sha256Hex } from '@modelops/contracts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { getBounded, MAX_BYTES, orBad } from '../../objects/read-objects.ts';
import { whyAbsent } from '../catalogue/list-packs.ts';
import { isOpen, type Opened, openIndex } from '../index/open-index.ts';
import type { ColumnData } from '../parquet/decode-column.ts';
import type { ParquetTable } from '../parquet/read-parquet.ts';
import { ADDED_COLUMNS } from '../rows.ts';

/** An output of a pack: simulation k has the rows [starts[k], starts[k + 1]). */
export interface PackOutput {
  readonly starts: Int32Array;
  /** Undefined if the output has no columns. */
  readonly table: ParquetTable | undefined;
}

/** Opens an output of a pack; checks its bytes against the digest in the index. */
export async function openOutput(objects: ObjectStore, folder: string, output: string): Promise<Opened<PackOutput>> {
  const index = await openIndex(objects, folder);
  if (!isOpen(index)) return index;
  if (!index.has(`rows_${output}`)) return 'lacking';
  return orBad(async () => {
    const { numbers: counts } = index.column(`rows_${output}`);
    if (!(counts instanceof Int32Array) || counts.some((count) => count < 0))
      return { bad: `its index has invalid counts of rows of ${output}` };
    const starts = startsOf(counts);
    if (!index.has(`sha256_${output}`)) return { starts, table: undefined }; // no columns, so no file
    const expected = index.list<string>(`sha256_${output}`)[0];
    const object = await getBounded(objects, `${folder}/${output}.parquet`, MAX_BYTES.output);
    if (object === undefined) return whyAbsent(objects, folder, [`${output}.parquet`]);
    const actual = sha256Hex(object.bytes);
    if (actual !== expected) return { bad: `the digest of ${output}.parquet is ${actual}, its index has ${expected}` };
    const table = (await import('../parquet/read-parquet.ts')).readParquet(object.bytes);
    if (table.rows !== starts.at(-1)) return { bad: `${output}.parquet has ${table.rows} rows, its index has ${starts.at(-1)}` };
    return { starts, table };
  }, `cannot read ${output}.parquet`);
}

/** The first row of each simulation, then the number of rows. */
function startsOf(rows: Int32Array): Int32Array {
  const starts = new Int32Array(rows.length + 1);
  for (let at = 0; at < rows.length; at++) starts[at + 1] = starts[at]! + rows[at]!;
  return starts;
}

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
