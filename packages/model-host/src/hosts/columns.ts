import type { ColumnValues, OutputTable } from '@modelops/contracts';

export type ColumnType = 'float64' | 'int32' | 'int64' | 'utf8' | 'bool';

/** Maximum number of columns of one output. */
export const MAX_COLUMNS = 10_000;

/** The type of the error of a task whose columns have other names or types than those of other tasks. */
export const COLUMNS_DIFFER = 'ColumnsDiffer';

export type ColumnHeader = { readonly name: string; readonly type: ColumnType };

export function typeOf(values: ColumnValues): ColumnType {
  if (values instanceof Float64Array) return 'float64';
  if (values instanceof Int32Array) return 'int32';
  if (values instanceof BigInt64Array) return 'int64';
  return typeof values[0] === 'boolean' ? 'bool' : 'utf8';
}

export function encodeColumn(values: ColumnValues): Uint8Array {
  if (ArrayBuffer.isView(values)) return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
  if (typeof values[0] === 'boolean') return Uint8Array.from(values as readonly boolean[], Number);
  return Buffer.from(JSON.stringify(values), 'utf8');
}

const ARRAYS = { float64: Float64Array, int32: Int32Array, int64: BigInt64Array } as const;

export function decodeColumn(type: ColumnType, bytes: Uint8Array): ColumnValues {
  if (type === 'bool') return Array.from(bytes, (byte) => byte === 1);
  if (type === 'utf8') return JSON.parse(Buffer.from(bytes).toString('utf8')) as string[];
  const { buffer, byteOffset, byteLength } = bytes;
  return new ARRAYS[type](buffer as ArrayBuffer, byteOffset, byteLength / ARRAYS[type].BYTES_PER_ELEMENT);
}

/**
 * Concatenates columns of one type, or of several number types: integers of both widths become 64-bit integers, integers mixed with floats become
 * floats. @throws TypeError naming the types otherwise
 */
export function concatColumns(parts: readonly ColumnValues[]): ColumnValues {
  const filled = parts.filter((part) => part.length > 0);
  if (filled.length <= 1) return filled[0] ?? parts[0] ?? new Float64Array(0);
  const types = new Set(filled.map(typeOf));
  if (!canMix(types)) throw new TypeError(`values of types ${[...types].sort().join(' and ')} in one column`);
  const type = types.size === 1 ? typeOf(filled[0]!) : types.has('float64') ? 'float64' : 'int64';
  if (type === 'utf8' || type === 'bool') return (filled as (readonly string[])[]).flat();
  const joined = new ARRAYS[type](filled.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of filled) {
    (joined as Float64Array).set(numbersAs(type, part) as Float64Array, at);
    at += part.length;
  }
  return joined;
}

function numbersAs(type: ColumnType, values: ColumnValues): ColumnValues {
  if (type === 'float64' && values instanceof BigInt64Array) return Float64Array.from(values, Number);
  return type === 'int64' && values instanceof Int32Array ? BigInt64Array.from(values, BigInt) : values;
}

/** False if {@link concatTables} would throw because of different column names or types that cannot be mixed. Tasks without a table are ignored. */
export function canConcat(tables: readonly (OutputTable | undefined)[]): boolean {
  const withColumns = tables.flatMap((table) => (table === undefined || table.columns.length === 0 ? [] : [table.columns]));
  const first = withColumns[0] ?? [];
  return first.every(({ name }) => {
    const types = new Set<ColumnType>();
    for (const columns of withColumns) {
      const column = columns.length === first.length ? columns.find((candidate) => candidate.name === name) : undefined;
      if (column === undefined) return false;
      if (column.values.length > 0) types.add(typeOf(column.values));
    }
    return canMix(types);
  });
}

const NUMBERS: ReadonlySet<ColumnType> = new Set(['float64', 'int32', 'int64']);

/** True if columns of these types can be concatenated: all the same, or all numbers. */
export function canMix(types: ReadonlySet<ColumnType>): boolean {
  return types.size <= 1 || [...types].every((type) => NUMBERS.has(type));
}

/** Concatenates tables of the same output. A missing column in a table with rows is an error; tables without rows add only their tasks. */
export function concatTables(tables: readonly OutputTable[]): OutputTable {
  if (tables.length === 1) return tables[0]!;
  const rows = concatColumns(tables.map((table) => table.rows)) as Int32Array;
  const withColumns = tables.filter((table) => table.columns.length > 0);
  const names = withColumns[0]?.columns.map((column) => column.name) ?? [];
  const columns = names.map((name) => ({
    name,
    values: concatColumns(
      withColumns.map((table) => {
        const column = table.columns.find((candidate) => candidate.name === name);
        if (column === undefined) throw new TypeError(`column ${name} is missing from some tasks`);
        return column.values;
      }),
    ),
  }));
  return { rows: rows.length === 0 ? new Int32Array(0) : rows, columns };
}

/** The first row of each task, then the number of rows. */
export function rowStarts(rows: Int32Array): Float64Array {
  const starts = new Float64Array(rows.length + 1);
  for (let task = 0; task < rows.length; task++) starts[task + 1] = starts[task]! + rows[task]!;
  return starts;
}

/** The part of a table that belongs to tasks [from, to), without copying numbers. For many slices, the caller computes `starts` once. */
export function sliceTable({ rows, columns }: OutputTable, from: number, to: number, starts: Float64Array = rowStarts(rows)): OutputTable {
  const [start, end] = [starts[from]!, starts[to]!];
  return {
    rows: rows.subarray(from, to),
    columns: columns.map(({ name, values }) => ({
      name,
      values: ArrayBuffer.isView(values) ? (values as Float64Array).subarray(start, end) : (values as readonly string[]).slice(start, end),
    })),
  };
}

/** Bytes of a table, estimated for strings. */
export function tableBytes({ columns }: OutputTable): number {
  return columns.reduce((bytes, { values }) => bytes + (ArrayBuffer.isView(values) ? values.byteLength : values.length * 16), 0);
}
