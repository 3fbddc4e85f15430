import { encodeDeltas } from './deltas.ts';
import { CODEC, CONVERTED, type CodedColumn, ENCODING, type ParquetColumn, PHYSICAL, rowsOf } from './format.ts';
import { bitsFor, encodeRuns } from './runs.ts';
import { plainBools, plainNumbers, plainTexts, splitBytes } from './values.ts';

/** A page before compression. */
export interface EncodedPage {
  readonly rows: number;
  readonly bytes: Uint8Array;
}

export interface EncodedColumn {
  readonly physical: number;
  readonly converted: number | undefined;
  readonly encoding: number;
  readonly codec: number;
  /** Whether rows may be null: pages then begin with which are not. */
  readonly isOptional: boolean;
  readonly dictionary: EncodedPage | undefined;
  readonly pages: readonly EncodedPage[];
}

/** A page of doubles is 1 MiB: it stays in the cache while it is split and compressed. */
const PAGE_ROWS = 131_072;
/** Texts with more different values than this are not looked through further. */
const FEW = 4_096;

export function encodeColumn(column: ParquetColumn): EncodedColumn {
  const common = { codec: CODEC.snappy, converted: undefined, dictionary: undefined, isOptional: false } as const;
  switch (column.type) {
    case 'float64': {
      const pages = pagesOf(column.values, (part) => splitBytes(part instanceof Float64Array ? part : Float64Array.from(part as number[])));
      return { ...common, physical: PHYSICAL.double, encoding: ENCODING.split, ...pages };
    }
    case 'int32': {
      const pages = pagesOf(column.values, (part) => encodeDeltas(part instanceof Int32Array ? part : Int32Array.from(part as number[])));
      return { ...common, physical: PHYSICAL.int32, encoding: ENCODING.delta, ...pages };
    }
    case 'int64':
    case 'uint64': {
      const pages = pagesOf(column.values, (part) => plainNumbers(part as BigInt64Array));
      const converted = column.type === 'uint64' ? CONVERTED.uint64 : undefined;
      return { ...common, physical: PHYSICAL.int64, converted, encoding: ENCODING.plain, ...pages };
    }
    case 'bool':
      return {
        ...common,
        physical: PHYSICAL.boolean,
        encoding: ENCODING.plain,
        ...pagesOf(column.values, (part) => plainBools(part as boolean[])),
      };
    case 'utf8': {
      const coded = column.isUnique === true ? undefined : codesOf(column.values);
      if (coded !== undefined) return encodeCoded({ name: column.name, type: 'coded', ...coded });
      const codec = column.isUnique === true ? CODEC.none : CODEC.snappy;
      const pages = pagesOf(column.values, (part) => plainTexts(part as string[]));
      return { ...common, physical: PHYSICAL.bytes, converted: CONVERTED.utf8, encoding: ENCODING.plain, codec, ...pages };
    }
    case 'coded':
      return encodeCoded(column);
  }
}

function encodeCoded(column: CodedColumn): EncodedColumn {
  const { dictionary, indices, repeats } = column;
  const isText = !(dictionary instanceof BigUint64Array);
  const bits = bitsFor(Math.max(0, dictionary.length - 1));
  const runs = encodeRuns({ values: indices, lengths: repeats }, bits);
  const bytes = new Uint8Array(runs.length + 1);
  bytes[0] = bits;
  bytes.set(runs, 1);
  return {
    physical: isText ? PHYSICAL.bytes : PHYSICAL.int64,
    converted: isText ? CONVERTED.utf8 : CONVERTED.uint64,
    encoding: ENCODING.dictionary,
    codec: CODEC.snappy,
    isOptional: false,
    dictionary: { rows: dictionary.length, bytes: isText ? plainTexts(dictionary) : plainNumbers(dictionary) },
    pages: [{ rows: rowsOf(column), bytes }],
  };
}

type Values = ArrayLike<unknown> & { slice(start: number, end: number): Values };

function pagesOf(values: Values, encode: (part: ArrayLike<unknown>) => Uint8Array): { isOptional: boolean; pages: EncodedPage[] } {
  const isOptional = Array.isArray(values) && values.includes(null);
  const pages: EncodedPage[] = [];
  for (let start = 0; start < values.length; start += PAGE_ROWS) {
    const end = Math.min(values.length, start + PAGE_ROWS);
    const part = ArrayBuffer.isView(values) ? (values as unknown as Int32Array).subarray(start, end) : values.slice(start, end);
    if (!isOptional) pages.push({ rows: end - start, bytes: encode(part) });
    else {
      const present = (part as unknown as unknown[]).filter((value) => value !== null);
      const levels = encodeRuns({ values: (part as unknown as unknown[]).map((value) => (value === null ? 0 : 1)) }, 1);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(levels.length);
      pages.push({ rows: end - start, bytes: Buffer.concat([length, levels, encode(present)]) });
    }
  }
  return { isOptional, pages };
}

/** The texts as a dictionary and places in it; undefined where they hold nulls or more than a few different ones. */
export function codesOf(
  values: readonly (string | null)[],
  few = FEW,
): (Pick<CodedColumn, 'indices'> & { dictionary: string[] }) | undefined {
  const places = new Map<string, number>();
  const indices = new Int32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (value === null) return undefined;
    let place = places.get(value);
    if (place === undefined) {
      if (places.size === few) return undefined;
      place = places.size;
      places.set(value, place);
    }
    indices[at] = place;
  }
  return { dictionary: [...places.keys()], indices };
}
