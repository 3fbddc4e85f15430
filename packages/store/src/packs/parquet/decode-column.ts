import type { ColumnMetaData, PageHeader, SchemaElement } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage, readDataPage } from 'hyparquet/src/datapage.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { DECOMPRESSORS } from './compression.ts';
import { checkRuns } from './runs.ts';
import { joinBytes } from './split-bytes.ts';

export type ColumnType = 'float64' | 'int32' | 'int64' | 'bool' | 'utf8';
type Numbers = Float64Array | Int32Array | BigInt64Array | BigUint64Array;

/** Undecoded texts: text k is `bytes[starts[k], starts[k + 1] − 4)`. */
export interface TextBytes {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
}

/** A decoded column, in one of these forms, depending on how it was stored. */
export interface ColumnData {
  readonly type: ColumnType;
  readonly numbers?: Numbers;
  /** One for each page. */
  readonly texts?: readonly TextBytes[];
  readonly codes?: { readonly dictionary: readonly string[] | BigUint64Array; readonly indices: Int32Array };
  /** Booleans, and columns with nulls. */
  readonly values?: readonly unknown[];
  toList(): unknown[];
}

/** Limits of a column. */
export interface ColumnLimits {
  readonly rows: number;
  readonly bytes: number;
}

interface Page {
  readonly header: PageHeader;
  readonly rows: number;
  readonly encoding: string;
  readonly bytes: Uint8Array;
}

/** Decodes a column chunk of a file. @throws RangeError, or an error of hyparquet's, for bytes that do not follow the format */
export function decodeColumn(file: Uint8Array, meta: ColumnMetaData, element: SchemaElement, limits: ColumnLimits): ColumnData {
  const { pages, dictionary } = readPages(file, meta, limits);
  const stored = decodePages(pages, dictionary, element, limits.rows);
  return { type: typeOf(element), ...stored, toList: () => listOf(stored) };
}

function typeOf({ type }: SchemaElement): ColumnType {
  if (type === 'DOUBLE') return 'float64';
  if (type === 'INT32') return 'int32';
  if (type === 'INT64') return 'int64';
  if (type === 'BOOLEAN') return 'bool';
  if (type === 'BYTE_ARRAY') return 'utf8';
  throw new RangeError(`unsupported type ${type}`);
}

/** The chunk's pages, decompressed; `limits.rows` rows in all. */
function readPages(file: Uint8Array, meta: ColumnMetaData, limits: ColumnLimits): { pages: Page[]; dictionary: Page | undefined } {
  const reader = { view: new DataView(file.buffer, file.byteOffset, file.byteLength), offset: 0 };
  reader.offset = Number(meta.dictionary_page_offset ?? meta.data_page_offset);
  const pages: Page[] = [];
  let dictionary: Page | undefined;
  let left = limits.bytes;
  for (let rows = 0; rows < limits.rows; ) {
    const header = parquetHeader(reader);
    const own = header.data_page_header ?? header.dictionary_page_header;
    const [size, packed] = [header.uncompressed_page_size, header.compressed_page_size];
    if (own === undefined || !(own.num_values >= 0 && size >= 0 && packed >= 0)) throw new RangeError('invalid page header');
    if (packed > file.length - reader.offset) throw new RangeError('a page is cut off');
    left -= size;
    if (left < 0) throw new RangeError(`it holds more than ${limits.bytes} bytes`);
    const bytes = decompressPage(file.subarray(reader.offset, reader.offset + packed), size, meta.codec, DECOMPRESSORS);
    reader.offset += packed;
    const page = { header, rows: own.num_values, encoding: own.encoding, bytes };
    if (header.dictionary_page_header !== undefined) {
      if (dictionary !== undefined) throw new RangeError('it has two dictionaries');
      dictionary = page;
      continue;
    }
    rows += page.rows;
    if (page.rows === 0 || rows > limits.rows) throw new RangeError(`its pages do not hold ${limits.rows} rows`);
    pages.push(page);
  }
  return { pages, dictionary };
}

type Stored = Omit<ColumnData, 'toList' | 'type'>;

function decodePages(pages: readonly Page[], dictionary: Page | undefined, element: SchemaElement, rows: number): Stored {
  if (element.repetition_type !== 'REQUIRED') return { values: pages.flatMap((page) => nullableValues(page, element)) };
  if (dictionary !== undefined) return { codes: decodeCodes(pages, dictionary, element, rows) };
  if (element.type === 'BYTE_ARRAY') {
    for (const { encoding } of pages) if (encoding !== 'PLAIN') throw new RangeError(`unsupported encoding ${encoding}`);
    return { texts: pages.map(({ bytes, rows: count }) => ({ bytes, starts: textStarts(bytes, count) })) };
  }
  const parts = pages.map((page) => decodeRequired(page, element));
  if (element.type === 'BOOLEAN') return { values: ([] as unknown[]).concat(...(parts as unknown[][])) }; // flat takes 20 ms for 100,000
  return { numbers: joinNumbers(parts as Numbers[], element, rows) };
}

function decodeRequired(page: Page, element: SchemaElement): ArrayLike<unknown> {
  if (element.type === 'DOUBLE' && page.encoding === 'BYTE_STREAM_SPLIT') return joinBytes(page.bytes, page.rows);
  return decodeByLibrary(page, element).dataPage;
}

type ColumnDecoder = Parameters<typeof readDataPage>[2];

/** Encodings whose memory hyparquet bounds by the page's rows and bytes. */
const BOUNDED: readonly string[] = ['PLAIN', 'BYTE_STREAM_SPLIT', 'DELTA_BINARY_PACKED'];

function decodeByLibrary({ header, encoding, bytes }: Page, element: SchemaElement) {
  if (!BOUNDED.includes(encoding)) throw new RangeError(`unsupported encoding ${encoding}`);
  const schemaPath = [{ element: { name: 'schema' } }, { element }].map((node) => ({ ...node, children: [], count: 0, path: [] }));
  // readDataPage uses no other fields.
  const decoder: Pick<ColumnDecoder, 'type' | 'element' | 'schemaPath'> = { type: element.type!, element, schemaPath };
  return readDataPage(bytes, header.data_page_header!, decoder as ColumnDecoder);
}

function nullableValues(page: Page, element: SchemaElement): unknown[] {
  const { bytes, rows } = page;
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  if (length > bytes.length - 4) throw new RangeError('levels are longer than their page');
  checkRuns(bytes.subarray(4, 4 + length), 1, rows);
  const { definitionLevels, dataPage } = decodeByLibrary(page, element);
  const values = Array.from<unknown>(presentValues(dataPage, element));
  if (definitionLevels === undefined || definitionLevels.length === 0) return values;
  let at = 0;
  return definitionLevels.map((level: number) => (level === 0 ? null : values[at++]));
}

function presentValues(page: ArrayLike<unknown>, { type, converted_type }: SchemaElement): ArrayLike<unknown> {
  if (type === 'BYTE_ARRAY') return (page as Uint8Array[]).map(textOf);
  return converted_type === 'UINT_64' ? unsigned(page as BigInt64Array) : page;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function joinNumbers(parts: readonly Numbers[], { type, converted_type }: SchemaElement, rows: number): Numbers {
  const isUnsigned = converted_type === 'UINT_64';
  const all =
    type === 'DOUBLE'
      ? new Float64Array(rows)
      : type === 'INT32'
        ? new Int32Array(rows)
        : isUnsigned
          ? new BigUint64Array(rows)
          : new BigInt64Array(rows);
  let at = 0;
  for (const part of parts) {
    const values = isUnsigned ? unsigned(part as BigInt64Array) : part;
    (all as Float64Array).set(values as Float64Array, at);
    at += part.length;
  }
  if (at !== rows) throw new RangeError(`${at} values for ${rows} rows`);
  return all;
}

function unsigned(values: BigInt64Array): BigUint64Array {
  return new BigUint64Array(values.buffer, values.byteOffset, values.length);
}

function decodeCodes(pages: readonly Page[], dictionary: Page, element: SchemaElement, rows: number): NonNullable<Stored['codes']> {
  const indices = new Int32Array(rows);
  let at = 0;
  for (const { encoding, bytes, rows: count } of pages) {
    if (encoding !== 'RLE_DICTIONARY') throw new RangeError(`unsupported encoding ${encoding} beside a dictionary`);
    const bits = bytes[0]!;
    if (!(bits <= 24)) throw new RangeError(`codes of ${bits} bits`);
    checkRuns(bytes.subarray(1), bits, count);
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 1 };
    if (bits > 0) readRleBitPackedHybrid(reader, bits, indices.subarray(at, at + count), bytes.length - 1);
    at += count;
  }
  for (const index of indices) if (index >= dictionary.rows) throw new RangeError(`value ${index} of a dictionary of ${dictionary.rows}`);
  return { dictionary: decodeDictionary(dictionary, element), indices };
}

function decodeDictionary({ bytes, rows }: Page, { type }: SchemaElement): readonly string[] | BigUint64Array {
  if (type === 'BYTE_ARRAY') return textsOf({ bytes, starts: textStarts(bytes, rows) });
  if (type !== 'INT64') throw new RangeError(`unsupported dictionary of ${type}`);
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  return rows === 0 ? new BigUint64Array(0) : unsigned(readPlain(reader, type, rows, undefined) as BigInt64Array);
}

/** The start of each of `count` texts of a PLAIN page, then the end of the last plus four bytes. Ids are read from there without making strings. */
function textStarts(input: Uint8Array, count: number): Int32Array {
  if (count > input.length / 4) throw new RangeError('a page is cut off');
  const starts = new Int32Array(count + 1);
  let at = 0;
  for (let text = 0; text < count; text++) {
    const length = input[at]! + input[at + 1]! * 256 + input[at + 2]! * 65_536 + input[at + 3]! * 16_777_216;
    starts[text] = at + 4;
    at += 4 + length;
    if (!(at <= input.length)) throw new RangeError('a text is longer than its page');
  }
  starts[count] = at + 4;
  return starts;
}

function textsOf({ bytes, starts }: TextBytes): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: starts.length - 1 }, (_, at) => buffer.toString('utf8', starts[at]!, starts[at + 1]! - 4));
}

function listOf({ texts, codes, numbers, values }: Stored): unknown[] {
  if (texts !== undefined) return texts.flatMap(textsOf);
  if (codes !== undefined) return Array.from(codes.indices, (index) => codes.dictionary[index]);
  return Array.from<unknown>(numbers ?? values ?? []);
}
