import { ModelOpsError } from '@modelops/contracts';

/** One column of a table as results keep it. */
export type Column = Float64Array | Int32Array | BigInt64Array | readonly boolean[] | readonly string[];
/** Columns by name, all of one length. */
export type Table = Readonly<Record<string, Column>>;
/** Tables by output. */
export type OutputTables = Readonly<Record<string, Table>>;

/** What a model may give as a column. */
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
 * A column in its kept type, never sharing memory with what was given: numbers become Float64Array, integers of up to 32 bits Int32Array
 * (Uint32Array Float64Array), bigints BigInt64Array; strings and booleans stay arrays.
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
    const isKept = type === 'number' || type === 'string' || type === 'boolean' || type === 'bigint';
    if (typeof value === type && isKept) continue;
    throw new ModelOpsError('VALUE_INVALID', `${where} has ${nameOf(value)} in row ${row}${isKept ? ` among ${type}s` : ''}`, {
      hint: 'all values of a column are numbers, all strings or all booleans; write NaN for a missing number',
    });
  }
  if (type === 'number') return Float64Array.from(values as readonly number[]);
  if (type === 'bigint') return signed(values as readonly bigint[], where);
  return values.slice() as string[] | boolean[];
}

function signed(values: ArrayLike<bigint> & Iterable<bigint>, where: string): BigInt64Array {
  for (const value of values) {
    if (BigInt.asIntN(64, value) !== value) {
      throw new ModelOpsError('VALUE_INVALID', `${where} has ${value}, beyond 64 bits with a sign`, { hint: 'give it as strings' });
    }
  }
  return BigInt64Array.from(values);
}

/** What a value is, in a message. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : `a ${value.constructor?.name ?? 'record'}`;
  return `a ${typeof value}`;
}
