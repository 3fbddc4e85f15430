import type { ColumnValues } from '../rows.ts';
import type { ParquetColumn } from './format.ts';

/** A column of a result as Parquet keeps it; texts and booleans may hold nulls, and a list of nulls alone is text. */
export function parquetColumn({ name, values }: { readonly name: string; readonly values: ColumnValues }): ParquetColumn {
  if (values instanceof Float64Array) return { name, type: 'float64', values };
  if (values instanceof Int32Array) return { name, type: 'int32', values };
  if (values instanceof BigInt64Array) return { name, type: 'int64', values };
  const first = (values as readonly (string | boolean | null)[]).find((value) => value !== null);
  if (typeof first === 'boolean') return { name, type: 'bool', values: values as readonly boolean[] };
  return { name, type: 'utf8', values: values as readonly string[] };
}
