import { ModelOpsError } from '@modelops/contracts';

/** One column of a table, in a type that results store. */
export type Column = Float64Array | Int32Array | BigInt64Array | readonly boolean[] | readonly string[];
/** Columns by name, all of the same length. */
export type Table = Readonly<Record<string, Column>>;
/** Tables by output. */
export type OutputTables = Readonly<Record<string, Table>>;

/** Types that a model may return as a column. */
export type ColumnInput =
  | Column
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | readonly number[]
  | readonly bigint[];
export type TableInput = Readonly<Record<string, ColumnInput>>;

/**
 * A column in its stored type, which never shares memory with `values`: numbers become Float64Array, integers of up to 32 bits Int32Array
 * (Uint32Array Float64Array), bigints BigInt64Array; strings and booleans remain arrays.
 * @throws VALUE_INVALID starting with `where` for mixed or missing values and integers beyond 64 bits.
 */
export function normaliseColumn(values: unknown, where: string): Column {
  if (values instanceof Float64Array || values instanceof Int32Array || values instanceof BigInt64Array) return values.slice();
  if (values instanceof Float32Array || values instanceof Uint32Array) return Float64Array.from(values);
  if (values instanceof BigUint64Array) return signed(values, where);
  if (ArrayBuffer.isView(values) && !(values instanceof DataView)) return Int32Array.from(values as Uint8Array);
  if (Array.isArray(values)) return normaliseArray(values, where);
  throw new ModelOpsError('VALUE_INVALID', `${where} is ${nameOf(values)}, not a column`, {
    hint: 'a column is a typed array or an array of numbers, strings or booleans',
  });
}

function normaliseArray(values: readonly unknown[], where: string): Column {
  const type = values.length === 0 ? 'number' : typeof values[0];
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    const isSupported = type === 'number' || type === 'string' || type === 'boolean' || type === 'bigint';
    if (typeof value === type && isSupported) continue;
    throw new ModelOpsError('VALUE_INVALID', `${where} has ${nameOf(value)} in row ${row}${isSupported ? ` among ${type}s` : ''}`, {
      hint: 'use only numbers, only strings or only booleans in a column, and NaN for a missing number',
    });
  }
  if (type === 'number') return Float64Array.from(values as readonly number[]);
  if (type === 'bigint') return signed(values as readonly bigint[], where);
  return values.slice() as string[] | boolean[];
}

function signed(values: ArrayLike<bigint> & Iterable<bigint>, where: string): BigInt64Array {
  for (const value of values) {
    if (BigInt.asIntN(64, value) !== value) {
      throw new ModelOpsError('VALUE_INVALID', `${where} has ${value}, outside the range of signed 64-bit integers`, {
        hint: 'use strings',
      });
    }
  }
  return BigInt64Array.from(values);
}

/** Describes the type of a value in a message. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  const type = typeof value === 'object' ? (value.constructor?.name ?? 'record') : typeof value;
  return `${/^[aeiou]/i.test(type) ? 'an' : 'a'} ${type}`;
}
