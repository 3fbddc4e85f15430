import type { ColumnValues } from '@modelops/contracts';
import type { CommandColumnType } from '../../command/command-file.ts';

/** Spellings of a missing number, lowercase. */
const MISSING: ReadonlySet<string> = new Set(['', 'na', 'nan', '-nan', '+nan', 'null', 'none']);
/** Spellings of infinity: C and awk `inf`, R `Inf`, Java `Infinity`. */
const INFINITE = /^([+-]?)inf(inity)?$/;
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['t', true],
  ['1', true],
  ['false', false],
  ['f', false],
  ['0', false],
]);

/** A column under construction: `set` returns false for a value that is not of its type. */
export interface ColumnBuilder {
  set(row: number, value: unknown): boolean;
  /** The first `rows` values. */
  finish(rows: number): ColumnValues;
}

/** A column for at most `rows` values, which are texts of a CSV file or values of a Parquet or Arrow file. A missing float is NaN. */
export function createColumn(type: CommandColumnType, rows: number): ColumnBuilder {
  switch (type) {
    case 'float':
      return builderOf(new Float64Array(rows), asFloat);
    case 'int':
      return builderOf(new Int32Array(rows), (value) => asInteger(value, -(2 ** 31), 2 ** 31 - 1));
    case 'int64':
      return builderOf(new BigInt64Array(rows), asBigInt);
    case 'text':
      return builderOf<string, string[]>([], (value) => (typeof value === 'string' ? value : undefined));
    case 'bool':
      return builderOf<boolean, boolean[]>([], asBoolean);
  }
}

function builderOf<T, C extends { [row: number]: T; slice(from: number, to: number): ColumnValues }>(
  values: C,
  convert: (value: unknown) => T | undefined,
): ColumnBuilder {
  return {
    set(row, value) {
      const converted = convert(value);
      if (converted === undefined) return false;
      values[row] = converted;
      return true;
    },
    finish: (rows) => (isTypedArray(values) ? values.subarray(0, rows) : values.slice(0, rows)),
  };
}

function isTypedArray(values: object): values is Float64Array | Int32Array | BigInt64Array {
  return ArrayBuffer.isView(values);
}

function asFloat(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value === null || value === undefined) return Number.NaN;
  if (typeof value !== 'string') return undefined;
  const number = Number(value);
  if (!Number.isNaN(number) && (number !== 0 || value.trim() !== '')) return number;
  const text = value.trim().toLowerCase();
  if (MISSING.has(text)) return Number.NaN;
  const infinite = INFINITE.exec(text);
  return infinite === null ? undefined : infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function asInteger(value: unknown, min: number, max: number): number | undefined {
  if (typeof value === 'string' && value.trim() === '') return undefined;
  const number = typeof value === 'number' ? value : typeof value === 'string' || typeof value === 'bigint' ? Number(value) : Number.NaN;
  return Number.isInteger(number) && number >= min && number <= max ? number : undefined;
}

function asBigInt(value: unknown): bigint | undefined {
  const exact =
    typeof value === 'bigint'
      ? value
      : typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)
        ? BigInt(value.trim().replace(/^\+/, ''))
        : undefined;
  if (exact !== undefined) return BigInt.asIntN(64, exact) === exact ? exact : undefined;
  const number = asInteger(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return number === undefined ? undefined : BigInt(number);
}

function asBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' || typeof value === 'number' ? BOOLEANS.get(String(value).trim().toLowerCase()) : undefined;
}
