import type { ColumnValues } from '@modelops/contracts';

/**
 * A column to write. Lists may hold nulls; typed arrays hold none. `isNullable`: the column permits nulls even where it holds none, so that the row
 * groups of a file have the same columns.
 */
export type ParquetColumn = (PlainColumn & { readonly isNullable?: boolean }) | CodedColumn;

/** `isUnique`: values that hardly repeat, such as ids. They get no dictionary and are neither split nor compressed, so that they are read fast. */
type PlainColumn =
  | {
      readonly name: string;
      readonly type: 'float64';
      readonly values: Float64Array | readonly (number | null)[];
      readonly isUnique?: boolean;
    }
  | { readonly name: string; readonly type: 'int32'; readonly values: Int32Array | readonly (number | null)[] }
  | { readonly name: string; readonly type: 'int64'; readonly values: BigInt64Array }
  | { readonly name: string; readonly type: 'uint64'; readonly values: BigUint64Array }
  /** Milliseconds since 1970 in UTC. DuckDB and polars read it without a time zone, pyarrow with UTC. */
  | { readonly name: string; readonly type: 'timestamp'; readonly values: readonly (number | null)[] }
  | { readonly name: string; readonly type: 'bool'; readonly values: readonly (boolean | null)[] }
  | { readonly name: string; readonly type: 'utf8'; readonly values: readonly (string | null)[]; readonly isUnique?: boolean };

/** Few values with many repetitions: `dictionary[indices[k]]` fills `repeats[k]` rows, or one row if `repeats` is omitted. */
export interface CodedColumn {
  readonly name: string;
  readonly type: 'coded';
  readonly dictionary: readonly string[] | BigUint64Array;
  readonly indices: Int32Array;
  readonly repeats?: Int32Array;
}

/** The number of rows of a column. */
export function rowsOf(column: ParquetColumn): number {
  if (column.type !== 'coded') return column.values.length;
  return column.repeats === undefined ? column.indices.length : column.repeats.reduce((sum, count) => sum + count, 0);
}

/** The Parquet column of a result's column. Texts and booleans may hold nulls; a list of nulls alone is text. */
export function parquetColumn({ name, values }: { readonly name: string; readonly values: ColumnValues }): ParquetColumn {
  if (values instanceof Float64Array) return { name, type: 'float64', values };
  if (values instanceof Int32Array) return { name, type: 'int32', values };
  if (values instanceof BigInt64Array) return { name, type: 'int64', values };
  const first = (values as readonly (string | boolean | null)[]).find((value) => value !== null);
  if (typeof first === 'boolean') return { name, type: 'bool', values: values as readonly boolean[] };
  return { name, type: 'utf8', values: values as readonly string[] };
}

/** The texts as a dictionary and indices; undefined if they contain nulls or more than `maxDistinct` distinct texts. */
export function codesOf(
  values: readonly (string | null)[],
  maxDistinct = Number.POSITIVE_INFINITY,
): (Pick<CodedColumn, 'indices'> & { dictionary: string[] }) | undefined {
  const places = new Map<string, number>();
  const indices = new Int32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (value === null) return undefined;
    let place = places.get(value);
    if (place === undefined) {
      if (places.size === maxDistinct) return undefined;
      place = places.size;
      places.set(value, place);
    }
    indices[at] = place;
  }
  return { dictionary: [...places.keys()], indices };
}
