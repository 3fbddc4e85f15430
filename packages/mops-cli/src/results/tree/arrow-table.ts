import { ModelOpsError, messageOf } from '@modelops/contracts';
import { openArrow } from '@modelops/model-host';
import type { Data, DataType, Vector } from 'apache-arrow';
import type { Columns, ColumnValues } from './join-tables.ts';

/** Columns as the bytes of an Arrow IPC file. Loads Arrow at first use. */
export async function arrowOf(columns: Columns): Promise<Uint8Array> {
  const arrow = await import('apache-arrow');
  const vectorOf = (values: ColumnValues): Vector => {
    if (ArrayBuffer.isView(values)) return arrow.makeVector(values as Float64Array);
    const isBool = (values as readonly unknown[]).some((value) => typeof value === 'boolean');
    return arrow.vectorFromArray(values as readonly unknown[], isBool ? new arrow.Bool() : new arrow.Utf8());
  };
  const vectors = Object.fromEntries(columns.map(({ name, values }) => [name, vectorOf(values)]));
  return arrow.tableToIPC(new arrow.Table(vectors), 'file');
}

/**
 * The columns of an Arrow IPC file or stream, in the types of results: 64-bit floats (also from narrower ones and from unsigned 32-bit
 * integers), 32-bit integers (also from narrower ones), 64-bit integers, texts (also from dictionaries), booleans. Texts and booleans keep nulls.
 * @throws FILE_INVALID naming the column, for other types, bytes that are not Arrow, integers that do not fit, and nulls among numbers, which
 * a result cannot store
 */
export async function columnsOfArrow(bytes: Uint8Array): Promise<Columns> {
  const arrow = await import('apache-arrow');
  const table = await openArrow(bytes).catch((cause: unknown): never => {
    throw new ModelOpsError('FILE_INVALID', `cannot read it as Arrow: ${messageOf(cause)}`, { cause });
  });
  const types = arrow.DataType;
  return table.schema.fields.map(({ name, type }, at) => {
    const refuse = (why: string): never => {
      throw new ModelOpsError('FILE_INVALID', `column ${name} ${why}`);
    };
    const vector = table.getChildAt(at)!;
    if (vector.data.some((data) => isShort(data, types))) return refuse('has fewer values than rows');
    const values: unknown[] = [...vector];
    const inner: DataType = types.isDictionary(type) ? type.dictionary : type;
    if (types.isUtf8(inner) || types.isLargeUtf8(inner) || types.isBool(inner)) return { name, values: values as (string | null)[] };
    if (types.isNull(inner)) return { name, values: values.map(() => null) };
    if (!types.isFloat(inner) && !types.isInt(inner))
      return refuse(`has type ${inner}; supported are floats, integers, texts and booleans`);
    const nulls = values.filter((value) => value === null).length;
    if (nulls > 0) return refuse(`has ${nulls} nulls among its numbers, which a result cannot store: use floats with NaN`);
    if (types.isFloat(inner)) return { name, values: floats(values) };
    const isWide = inner.bitWidth === 64;
    if (!isWide) return { name, values: inner.bitWidth === 32 && !inner.isSigned ? floats(values) : Int32Array.from(values as number[]) };
    if ((values as bigint[]).some((value) => BigInt.asIntN(64, value) !== value))
      return refuse('has integers outside the range of signed 64-bit integers');
    return { name, values: BigInt64Array.from(values as bigint[]) };
  });
}

/** Whether a column has fewer values in its buffers than rows: the library would return arbitrary values. */
function isShort({ length, offset, type, values, valueOffsets, dictionary }: Data, types: typeof DataType): boolean {
  if (!(length >= 0) || dictionary?.data.some((data) => isShort(data, types))) return true;
  if (types.isNull(type)) return false;
  if (types.isUtf8(type) || types.isLargeUtf8(type)) return valueOffsets.length < length + 1;
  if (types.isBool(type)) return values.length * 8 < offset + length;
  return ArrayBuffer.isView(values) && (values as Uint8Array).length < length;
}

function floats(values: readonly unknown[]): Float64Array {
  return Float64Array.from(values, Number);
}
