import { type EncodedColumn, type EncodedPage, encodeColumn } from './encode-column.ts';
import { CODEC, CONVERTED, ENCODING, MAGIC, PAGE, type ParquetColumn, rowsOf } from './format.ts';
import { compressSnappy } from './snappy.ts';
import { encodeThrift, type ThriftField, type ThriftValue } from './thrift.ts';

/** The bytes of a Parquet file, and where its footer begins. */
export interface ParquetParts {
  readonly body: readonly Uint8Array[];
  readonly footer: Uint8Array;
}

/**
 * A Parquet file of the columns, which have one length and different names; the same columns give the same bytes. One row group, Snappy.
 *
 * Written here rather than by a library: a column that repeats each simulation's id over its rows costs as much as it has simulations, not
 * rows (the WebAssembly build of arrow-rs takes 80 ms for the ids of 4,000 × 128 rows, this 0.5 ms), and nothing heavy is loaded.
 */
export function writeParquet(columns: readonly ParquetColumn[]): Uint8Array {
  const { body, footer } = parquetParts(columns);
  return joinParquet(body, footer);
}

export function joinParquet(body: readonly Uint8Array[], footer: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...body, footer, length, MAGIC]);
}

export function parquetParts(columns: readonly ParquetColumn[]): ParquetParts {
  const rows = columns.length === 0 ? 0 : rowsOf(columns[0]!);
  const names = new Set<string>();
  for (const column of columns) {
    if (names.has(column.name)) throw new RangeError(`two columns ${column.name}`);
    if (rowsOf(column) !== rows) throw new RangeError(`column ${column.name} has ${rowsOf(column)} rows, ${columns[0]!.name} has ${rows}`);
    names.add(column.name);
  }
  const encoded = columns.map(encodeColumn);
  const body: Uint8Array[] = [MAGIC];
  let at = MAGIC.length;
  const chunks = encoded.map((column, place) => {
    const start = at;
    let whole = 0;
    const write = (page: EncodedPage, type: number): number => {
      const bytes = column.codec === CODEC.snappy ? compressSnappy(page.bytes) : page.bytes;
      const header = pageHeader(type, page, bytes.length, column.encoding);
      body.push(header, bytes);
      at += header.length + bytes.length;
      whole += header.length + page.bytes.length;
      return at - header.length - bytes.length;
    };
    if (column.dictionary !== undefined) write(column.dictionary, PAGE.dictionary);
    const first = column.pages.map((page) => write(page, PAGE.data))[0] ?? at;
    return { column, name: columns[place]!.name, start, first, whole, size: at - start };
  });
  return { body, footer: encodeThrift(fileMetadata(chunks, rows)) };
}

interface Chunk {
  readonly column: EncodedColumn;
  readonly name: string;
  readonly start: number;
  readonly first: number;
  readonly whole: number;
  readonly size: number;
}

function pageHeader(type: number, { rows, bytes }: EncodedPage, compressed: number, encoding: number): Uint8Array {
  const sizes: ThriftField[] = [
    [1, { i32: type }],
    [2, { i32: bytes.length }],
    [3, { i32: compressed }],
  ];
  if (type === PAGE.dictionary) {
    const header: ThriftField[] = [
      [1, { i32: rows }],
      [2, { i32: ENCODING.plain }],
    ];
    return encodeThrift([...sizes, [7, { struct: header }]]);
  }
  const header: ThriftField[] = [
    [1, { i32: rows }],
    [2, { i32: encoding }],
    [3, { i32: ENCODING.rle }],
    [4, { i32: ENCODING.rle }],
  ];
  return encodeThrift([...sizes, [5, { struct: header }]]);
}

function fileMetadata(chunks: readonly Chunk[], rows: number): ThriftField[] {
  const root: ThriftField[] = [
    [4, { text: 'schema' }],
    [5, { i32: chunks.length }],
  ];
  const group: ThriftField[] = [
    [1, { list: chunks.map((chunk) => ({ struct: columnChunk(chunk, rows) })) }],
    [2, { i64: chunks.reduce((sum, { whole }) => sum + whole, 0) }],
    [3, { i64: rows }],
  ];
  return [
    [1, { i32: 2 }],
    [2, { list: [{ struct: root }, ...chunks.map((chunk) => ({ struct: schemaElement(chunk) }))] }],
    [3, { i64: rows }],
    [4, { list: rows === 0 ? [] : [{ struct: group }] }],
    [6, { text: 'modelops' }],
  ];
}

function schemaElement({ name, column: { physical, converted, isOptional } }: Chunk): ThriftField[] {
  const fields: ThriftField[] = [
    [1, { i32: physical }],
    [3, { i32: isOptional ? 1 : 0 }],
    [4, { text: name }],
  ];
  if (converted === undefined) return fields;
  const unsigned: ThriftField[] = [
    [1, { i8: 64 }],
    [2, { bool: false }],
  ];
  const logical: ThriftField = converted === CONVERTED.utf8 ? [1, { struct: [] }] : [10, { struct: unsigned }];
  return [...fields, [6, { i32: converted }], [10, { struct: [logical] }]];
}

function columnChunk({ name, column, start, first, whole, size }: Chunk, rows: number): ThriftField[] {
  const encodings: ThriftValue[] = [...new Set([ENCODING.plain, ENCODING.rle, column.encoding])].map((encoding) => ({ i32: encoding }));
  const fields: ThriftField[] = [
    [1, { i32: column.physical }],
    [2, { list: encodings }],
    [3, { list: [{ text: name }] }],
    [4, { i32: column.codec }],
    [5, { i64: rows }],
    [6, { i64: whole }],
    [7, { i64: size }],
    [9, { i64: first }],
  ];
  if (column.dictionary !== undefined) fields.push([11, { i64: start }]);
  return [
    [2, { i64: start }],
    [3, { struct: fields }],
  ];
}
