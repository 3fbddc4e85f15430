import { decodeDeltas } from './deltas.ts';
import { CODEC, CONVERTED, type ColumnPlace, ENCODING, PAGE, PHYSICAL } from './format.ts';
import { decodeRuns } from './runs.ts';
import { decompressSnappy } from './snappy.ts';
import { ByteReader, type ThriftStruct } from './thrift.ts';
import { joinBytes, readNumbers, textPlaces } from './values.ts';

type Numbers = Float64Array | Int32Array | BigInt64Array | BigUint64Array;

/** Texts where they lie: text k is `bytes[starts[k], starts[k + 1] − 4)`. */
export interface TextBytes {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
}

/** What a column holds, in the form in which it was stored. Nulls, where there are any, are left out of it and named by `isPresent`. */
export interface ColumnData {
  readonly numbers?: Numbers;
  readonly bools?: readonly boolean[];
  /** A page after another. */
  readonly texts?: readonly TextBytes[];
  readonly codes?: { readonly dictionary: readonly string[] | BigUint64Array; readonly indices: Int32Array };
  readonly isPresent?: Int32Array;
  toList(): unknown[];
}

interface Page {
  readonly type: number;
  readonly rows: number;
  readonly encoding: number;
  readonly bytes: Uint8Array;
}

/** @throws RangeError for bytes that are not what the format says. */
export function decodeColumn(file: Uint8Array, place: ColumnPlace, rows: number): ColumnData {
  const reader = new ByteReader(file, place.start);
  const pages: Page[] = [];
  let dictionary: Page | undefined;
  for (let seen = 0; seen < rows; ) {
    const page = readPage(reader, place.codec);
    if (page.type === PAGE.dictionary) dictionary = page;
    else {
      pages.push(page);
      if (page.rows <= 0) throw new RangeError('a page without rows');
      seen += page.rows;
    }
  }
  const isPresent = place.isOptional ? new Int32Array(rows) : undefined;
  const parts = isPresent === undefined ? pages : takeLevels(pages, isPresent);
  const stored = decodeValues(parts, dictionary, place);
  return withList(stored, isPresent);
}

function readPage(reader: ByteReader, codec: number): Page {
  const header = reader.struct();
  const type = header.get(1) as number;
  const size = header.get(2) as number;
  const packed = reader.take(header.get(3) as number);
  if (codec !== CODEC.none && codec !== CODEC.snappy) throw new RangeError(`codec ${codec} is not one that we write`);
  const bytes = codec === CODEC.snappy ? decompressSnappy(packed, size) : packed;
  const own = (type === PAGE.dictionary ? header.get(7) : header.get(5)) as ThriftStruct | undefined;
  if (own === undefined) throw new RangeError(`page type ${type} is not one that we write`);
  return { type, rows: own.get(1) as number, encoding: own.get(2) as number, bytes };
}

/** Takes off what says which rows are null, and counts the values that are left. */
function takeLevels(pages: readonly Page[], isPresent: Int32Array): Page[] {
  let at = 0;
  return pages.map((page) => {
    const length = new DataView(page.bytes.buffer, page.bytes.byteOffset).getUint32(0, true);
    const levels = isPresent.subarray(at, at + page.rows);
    at += page.rows;
    decodeRuns(page.bytes, 4, 1, levels);
    return { ...page, rows: levels.reduce((sum, level) => sum + level, 0), bytes: page.bytes.subarray(4 + length) };
  });
}

type Stored = Omit<ColumnData, 'toList' | 'isPresent'>;

function decodeValues(pages: readonly Page[], dictionary: Page | undefined, place: ColumnPlace): Stored {
  const count = pages.reduce((sum, { rows }) => sum + rows, 0);
  if (dictionary !== undefined) return { codes: decodeCodes(pages, dictionary, place, count) };
  switch (place.physical) {
    case PHYSICAL.double:
      return { numbers: eachPage(pages, new Float64Array(count), ENCODING.split, joinBytes) };
    case PHYSICAL.int32:
      return { numbers: eachPage(pages, new Int32Array(count), ENCODING.delta, decodeDeltas) };
    case PHYSICAL.int64:
      return place.converted === CONVERTED.uint64
        ? { numbers: eachPage(pages, new BigUint64Array(count), ENCODING.plain, readNumbers) }
        : { numbers: eachPage(pages, new BigInt64Array(count), ENCODING.plain, readNumbers) };
    case PHYSICAL.boolean:
      return {
        bools: pages.flatMap(({ bytes, rows }) => Array.from({ length: rows }, (_, at) => ((bytes[at >> 3]! >> (at & 7)) & 1) === 1)),
      };
    case PHYSICAL.bytes:
      return { texts: pages.map(({ bytes, rows }) => ({ bytes, starts: textPlaces(bytes, rows) })) };
    default:
      throw new RangeError(`values of type ${place.physical}`);
  }
}

function eachPage<T extends Numbers>(pages: readonly Page[], into: T, encoding: number, decode: (bytes: Uint8Array, part: T) => void): T {
  let at = 0;
  for (const page of pages) {
    if (page.encoding !== encoding) throw new RangeError(`encoding ${page.encoding} is not the one that we write`);
    decode(page.bytes, into.subarray(at, at + page.rows) as T);
    at += page.rows;
  }
  return into;
}

function decodeCodes(pages: readonly Page[], { bytes, rows }: Page, place: ColumnPlace, count: number): NonNullable<Stored['codes']> {
  const numbers = new BigUint64Array(place.physical === PHYSICAL.bytes ? 0 : rows);
  if (place.physical !== PHYSICAL.bytes) readNumbers(bytes, numbers);
  const dictionary = place.physical === PHYSICAL.bytes ? textsOf({ bytes, starts: textPlaces(bytes, rows) }) : numbers;
  const indices = new Int32Array(count);
  let at = 0;
  for (const page of pages) {
    decodeRuns(page.bytes, 1, page.bytes[0]!, indices.subarray(at, at + page.rows));
    at += page.rows;
  }
  for (const index of indices) if (index >= rows) throw new RangeError(`value ${index} of a dictionary of ${rows}`);
  return { dictionary, indices };
}

function textsOf({ bytes, starts }: TextBytes): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: starts.length - 1 }, (_, at) => buffer.toString('utf8', starts[at]!, starts[at + 1]! - 4));
}

function withList(stored: Stored, isPresent: Int32Array | undefined): ColumnData {
  const values = (): unknown[] => {
    if (stored.texts !== undefined) return stored.texts.flatMap(textsOf);
    if (stored.codes !== undefined) return Array.from(stored.codes.indices, (index) => stored.codes!.dictionary[index]);
    return Array.from<unknown>(stored.numbers ?? stored.bools ?? []);
  };
  if (isPresent === undefined) return { ...stored, toList: values };
  const toList = () => {
    const present = values();
    let at = 0;
    return Array.from(isPresent, (level) => (level === 1 ? present[at++] : null));
  };
  return { ...stored, isPresent, toList };
}
