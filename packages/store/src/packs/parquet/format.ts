/** Numbers of the Parquet format (apache/parquet-format, parquet.thrift) that our files use. */
export const MAGIC = Buffer.from('PAR1', 'latin1');
export const PHYSICAL = { boolean: 0, int32: 1, int64: 2, double: 5, bytes: 6 } as const;
export const ENCODING = { plain: 0, rle: 3, delta: 5, dictionary: 8, split: 9 } as const;
export const CODEC = { none: 0, snappy: 1 } as const;
export const CONVERTED = { utf8: 0, uint64: 14 } as const;
export const PAGE = { data: 0, dictionary: 2 } as const;

/** A column to write. Lists may hold nulls; typed arrays hold none. */
export type ParquetColumn =
  | { readonly name: string; readonly type: 'float64'; readonly values: Float64Array | readonly (number | null)[] }
  | { readonly name: string; readonly type: 'int32'; readonly values: Int32Array | readonly (number | null)[] }
  | { readonly name: string; readonly type: 'int64'; readonly values: BigInt64Array }
  | { readonly name: string; readonly type: 'uint64'; readonly values: BigUint64Array }
  | { readonly name: string; readonly type: 'bool'; readonly values: readonly (boolean | null)[] }
  /** `isUnique`: ids, which are neither looked through for repetitions nor compressed. */
  | { readonly name: string; readonly type: 'utf8'; readonly values: readonly (string | null)[]; readonly isUnique?: boolean }
  | CodedColumn;

/** Few values many times: `dictionary[indices[k]]` stands in `repeats[k]` rows in a row, once each where that is left out. */
export interface CodedColumn {
  readonly name: string;
  readonly type: 'coded';
  readonly dictionary: readonly string[] | BigUint64Array;
  readonly indices: Int32Array;
  readonly repeats?: Int32Array;
}

/** How many rows a column has. */
export function rowsOf(column: ParquetColumn): number {
  if (column.type !== 'coded') return column.values.length;
  return column.repeats === undefined ? column.indices.length : column.repeats.reduce((sum, count) => sum + count, 0);
}

/** A column in a file: where it is, not yet what it holds. */
export interface ColumnPlace {
  readonly name: string;
  readonly physical: number;
  readonly converted: number | undefined;
  readonly isOptional: boolean;
  readonly codec: number;
  readonly start: number;
}
