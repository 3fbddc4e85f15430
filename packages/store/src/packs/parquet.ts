import type { Data, DataType, Table } from 'apache-arrow';

/** A column to write. Lists may hold nulls; typed arrays hold none. */
export type ParquetColumn =
  | { readonly name: string; readonly type: 'float64'; readonly values: Float64Array | readonly (number | null)[] }
  | { readonly name: string; readonly type: 'int32'; readonly values: Int32Array | readonly (number | null)[] }
  | { readonly name: string; readonly type: 'int64'; readonly values: BigInt64Array }
  | { readonly name: string; readonly type: 'uint64'; readonly values: BigUint64Array }
  | { readonly name: string; readonly type: 'bool'; readonly values: readonly (boolean | null)[] }
  | { readonly name: string; readonly type: 'utf8'; readonly values: readonly (string | null)[]; readonly isUnique?: boolean }
  /** Few texts many times: row i holds `texts[indices[i]]`. */
  | { readonly name: string; readonly type: 'coded'; readonly texts: readonly string[]; readonly indices: Int32Array };

/** 165 ms and 70 ms to import: at first use only. */
const libraries = async () => {
  const [arrow, parquet] = await Promise.all([import('apache-arrow'), import('parquet-wasm')]);
  return { arrow, parquet };
};

type Arrow = typeof import('apache-arrow');

const ROW_GROUP = 1_000_000;

/** A Parquet file of the columns, zstd-compressed; the same columns give the same bytes. All columns have one length. */
export async function writeParquet(columns: readonly ParquetColumn[]): Promise<Uint8Array> {
  const { arrow, parquet } = await libraries();
  const children = columns.map((column, at) => dataOf(arrow, column, at));
  const schema = new arrow.Schema(columns.map(({ name }, at) => new arrow.Field(name, children[at]!.type, true)));
  const length = children[0]?.length ?? 0;
  const struct = arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children });
  const ipc = arrow.tableToIPC(new arrow.Table(schema, [new arrow.RecordBatch(schema, struct)]), 'stream');
  let builder = new parquet.WriterPropertiesBuilder()
    .setCompression(parquet.Compression.ZSTD)
    .setMaxRowGroupSize(ROW_GROUP)
    .setCreatedBy('modelops');
  for (const column of columns)
    if (column.type === 'utf8' && column.isUnique === true) builder = builder.setColumnDictionaryEnabled(column.name, false);
  return parquet.writeParquet(parquet.Table.fromIPCStream(ipc), builder.build());
}

/** @throws what the reader says of bytes that are no Parquet file. */
export async function readParquet(bytes: Uint8Array, columns?: readonly string[]): Promise<Table> {
  const { arrow, parquet } = await libraries();
  const table = parquet.readParquet(bytes, { batchSize: ROW_GROUP, ...(columns === undefined ? {} : { columns: [...columns] }) });
  return arrow.tableFromIPC(table.intoIPCStream());
}

/** `place` names the column's dictionary: two of one schema may not share a name. */
function dataOf(arrow: Arrow, column: ParquetColumn, place: number): Data {
  switch (column.type) {
    case 'float64':
      return numeric(arrow, new arrow.Float64(), column.values, Float64Array);
    case 'int32':
      return numeric(arrow, new arrow.Int32(), column.values, Int32Array);
    case 'int64':
      return arrow.makeData({ type: new arrow.Int64(), length: column.values.length, nullCount: 0, data: column.values });
    case 'uint64':
      return arrow.makeData({ type: new arrow.Uint64(), length: column.values.length, nullCount: 0, data: column.values });
    case 'bool':
      return bools(arrow, column.values);
    case 'utf8':
      return texts(arrow, column.values);
    case 'coded': {
      const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), place);
      return arrow.makeData({
        type,
        length: column.indices.length,
        nullCount: 0,
        data: column.indices,
        dictionary: arrow.makeVector(texts(arrow, column.texts) as never) as never,
      });
    }
  }
}

function numeric(
  arrow: Arrow,
  type: DataType,
  values: Float64Array | Int32Array | readonly (number | null)[],
  List: typeof Float64Array | typeof Int32Array,
): Data {
  if (ArrayBuffer.isView(values)) return arrow.makeData({ type, length: values.length, nullCount: 0, data: values } as never);
  const data = new List(values.length);
  values.forEach((value, at) => {
    data[at] = value ?? 0;
  });
  return arrow.makeData({ type, length: values.length, ...nulls(values), data } as never);
}

function bools(arrow: Arrow, values: readonly (boolean | null)[]): Data {
  const bits = bitmap(values.length, (at) => values[at] === true);
  return arrow.makeData({ type: new arrow.Bool(), length: values.length, ...nulls(values), data: bits } as never);
}

function texts(arrow: Arrow, values: readonly (string | null)[]): Data {
  const data = Buffer.from(values.map((value) => value ?? '').join(''), 'utf8');
  const valueOffsets = new Int32Array(values.length + 1);
  for (let at = 0; at < values.length; at++) valueOffsets[at + 1] = valueOffsets[at]! + Buffer.byteLength(values[at] ?? '');
  return arrow.makeData({ type: new arrow.Utf8(), length: values.length, ...nulls(values), valueOffsets, data } as never);
}

function nulls(values: readonly unknown[]): { nullCount: number; nullBitmap?: Uint8Array } {
  const nullCount = values.reduce<number>((count, value) => count + (value === null ? 1 : 0), 0);
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap: bitmap(values.length, (at) => values[at] !== null) };
}

function bitmap(length: number, isSet: (at: number) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(length / 64) * 8);
  for (let at = 0; at < length; at++) if (isSet(at)) bits[at >> 3]! |= 1 << (at & 7);
  return bits;
}

/** The values of a column, one list for all batches. Text as strings, numbers as they are. */
export function valuesOf<T>(table: Table, name: string): T[] {
  const vector = table.getChild(name);
  return vector === null ? [] : (Array.from(vector) as T[]);
}

/** A column of numbers without nulls as one typed array. */
export function numbersOf<T extends Float64Array | Int32Array | BigInt64Array | BigUint64Array>(table: Table, name: string): T | undefined {
  return table.getChild(name)?.toArray() as T | undefined;
}
