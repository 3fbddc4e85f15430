import type { Encoding, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js';
import { writePlain } from 'hyparquet-writer/src/plain.js';
import { type CodedColumn, codesOf, type ParquetColumn, rowsOf } from './columns.ts';
import { bitsFor, encodeRuns } from './runs.ts';
import { splitBytes } from './split-bytes.ts';

/** A page before compression. */
export interface EncodedPage {
  readonly rows: number;
  readonly bytes: Uint8Array;
}

export interface EncodedColumn {
  readonly element: SchemaElement & Required<Pick<SchemaElement, 'type'>>;
  readonly encoding: Encoding;
  readonly isCompressible: boolean;
  readonly dictionary: EncodedPage | undefined;
  readonly pages: readonly EncodedPage[];
}

/** A page of doubles is 1 MiB: it stays in the cache while it is split and compressed. */
const PAGE_ROWS = 131_072;
/** Texts with more distinct values than this get no dictionary. */
const MAX_DISTINCT = 4_096;

/** The pages of a column; a column without rows has one empty page. */
export function encodeColumn(column: ParquetColumn): EncodedColumn {
  if (column.type === 'coded') return encodeCoded(column);
  if (column.type === 'utf8' && column.isUnique !== true && column.isNullable !== true) {
    const codes = codesOf(column.values, MAX_DISTINCT);
    if (codes !== undefined) return encodeCoded({ name: column.name, type: 'coded', ...codes });
  }
  const { name, values } = column;
  const isUnique = 'isUnique' in column && column.isUnique === true;
  const isOptional = column.isNullable === true || (Array.isArray(values) && values.includes(null));
  const isSplit = column.type === 'float64' && !isUnique;
  const pages: EncodedPage[] = [];
  const rows = Math.max(1, values.length);
  for (let start = 0; start < rows; start += PAGE_ROWS) {
    const part = ArrayBuffer.isView(values)
      ? (values as Int32Array).subarray(start, start + PAGE_ROWS)
      : (values as readonly unknown[]).slice(start, start + PAGE_ROWS);
    pages.push({
      rows: part.length,
      bytes: isOptional ? optionalPage(column.type, isSplit, Array.from<unknown>(part)) : valueBytes(column.type, isSplit, part),
    });
  }
  const element = { name, repetition_type: isOptional ? 'OPTIONAL' : 'REQUIRED', ...ELEMENTS[column.type] } as const;
  return { element, encoding: isSplit ? 'BYTE_STREAM_SPLIT' : 'PLAIN', isCompressible: !isUnique, dictionary: undefined, pages };
}

const ELEMENTS = {
  float64: { type: 'DOUBLE' },
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  // Without its newer logical type, whose width hyparquet-writer writes as 32 bits where the format has 8.
  uint64: { type: 'INT64', converted_type: 'UINT_64' },
  // Without its newer logical type: with that DuckDB would read a time zone, for which it needs an extension.
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  bool: { type: 'BOOLEAN' },
  utf8: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
} as const;

type Part = ArrayLike<unknown>;

/** The definition levels (null or not), then the values that are not null. */
function optionalPage(type: keyof typeof ELEMENTS, isSplit: boolean, part: readonly unknown[]): Uint8Array {
  const levels = encodeRuns({ values: part.map((value) => (value === null ? 0 : 1)) }, 1);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(levels.length);
  const present = part.filter((value) => value !== null);
  return Buffer.concat([length, levels, valueBytes(type, isSplit, present)]);
}

function valueBytes(type: keyof typeof ELEMENTS, isSplit: boolean, values: Part): Uint8Array {
  if (type === 'timestamp') return valueBytes('int64', false, BigInt64Array.from(values as ArrayLike<number>, BigInt));
  const part = type === 'float64' && !ArrayBuffer.isView(values) ? Float64Array.from(values as ArrayLike<number>) : values;
  if (isSplit) return splitBytes(part as Float64Array);
  if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer as ArrayBuffer, part.byteOffset, part.byteLength);
  if (type === 'utf8') return textBytes(part as ArrayLike<string>);
  const writer = new ByteWriter(8 * part.length + 8);
  writePlain(writer, part as unknown[], ELEMENTS[type].type, undefined);
  return writer.getBytes();
}

/** Each text as its length in four bytes and its UTF-8. Our own, because hyparquet-writer makes a byte array of each text, which takes three times as long for ids. */
function textBytes(values: ArrayLike<string>): Uint8Array {
  let size = 4 * values.length;
  for (let at = 0; at < values.length; at++) size += Buffer.byteLength(values[at]!);
  const out = Buffer.allocUnsafeSlow(size);
  for (let at = 0, to = 0; at < values.length; at++) {
    const written = out.write(values[at]!, to + 4);
    to = out.writeUInt32LE(written, to) + written;
  }
  return out;
}

function encodeCoded(column: CodedColumn): EncodedColumn {
  const { name, dictionary, indices, repeats } = column;
  const type = dictionary instanceof BigUint64Array ? 'uint64' : 'utf8';
  const bits = bitsFor(Math.max(0, dictionary.length - 1));
  const runs = encodeRuns({ values: indices, lengths: repeats }, bits);
  const bytes = new Uint8Array(runs.length + 1);
  bytes[0] = bits;
  bytes.set(runs, 1);
  return {
    element: { name, repetition_type: 'REQUIRED', ...ELEMENTS[type] },
    encoding: 'RLE_DICTIONARY',
    isCompressible: true,
    dictionary: { rows: dictionary.length, bytes: valueBytes(type, false, dictionary) },
    pages: [{ rows: rowsOf(column), bytes }],
  };
}
