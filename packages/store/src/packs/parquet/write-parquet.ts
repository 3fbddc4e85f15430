import type { ColumnChunk, ColumnMetaData, FileMetaData, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { type ParquetColumn, rowsOf } from './columns.ts';
import { compress } from './compression.ts';
import { type EncodedColumn, type EncodedPage, encodeColumn } from './encode-column.ts';
import { MAGIC, sealOf, shifted } from './file-frame.ts';

/** A row group: the encoded rows of all columns. It can be at any place of a file, so it can be copied from one to another. */
export interface RowGroup {
  readonly rows: number;
  readonly bytes: Uint8Array;
  readonly columns: readonly GroupColumn[];
}

/** A column of a row group; offsets are relative to the start of the group. */
export interface GroupColumn {
  readonly element: SchemaElement;
  readonly meta: ColumnMetaData;
}

/**
 * A Parquet file of columns of equal length and distinct names; the same columns yield the same bytes. One row group, Brotli.
 * Footer, headers and text are written by hyparquet-writer; pages of numbers and of runs here (docs/adr/0007-hyparquet.md has the figures).
 */
export function writeParquet(columns: readonly ParquetColumn[]): Uint8Array {
  return joinRowGroups([encodeRowGroup(columns)]);
}

/**
 * As {@link writeParquet}, with the SHA-256 of its own bytes between its last page and its footer, where the format permits any bytes and
 * readers skip them. An index contains the digests of its pack's files; its own digest is in the seal.
 */
export function writeSealed(columns: readonly ParquetColumn[]): Uint8Array {
  const group = encodeRowGroup(columns);
  const [body, footer] = [[MAGIC, group.bytes], footerOf([group])];
  return joinParquet([...body, sealOf([...body, footer])], footer);
}

export function joinParquet(body: readonly Uint8Array[], footer: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...body, footer, length, MAGIC]);
}

/** @throws RangeError for columns of different lengths or of the same name */
export function encodeRowGroup(columns: readonly ParquetColumn[]): RowGroup {
  const rows = columns.length === 0 ? 0 : rowsOf(columns[0]!);
  const names = new Set<string>();
  for (const column of columns) {
    if (names.has(column.name)) throw new RangeError(`two columns ${column.name}`);
    if (rowsOf(column) !== rows) throw new RangeError(`column ${column.name} has ${rowsOf(column)} rows, ${columns[0]!.name} has ${rows}`);
    names.add(column.name);
  }
  const bytes: Uint8Array[] = [];
  let start = 0;
  const written = columns.map((column): GroupColumn => {
    const encoded = encodeColumn(column);
    const chunk = writeChunk(encoded, start, rows);
    bytes.push(...chunk.bytes);
    start += Number(chunk.meta.total_compressed_size);
    return { element: encoded.element, meta: chunk.meta };
  });
  return { rows, bytes: Buffer.concat(bytes), columns: written };
}

/**
 * A Parquet file of row groups, at least one; the bytes of each are copied as they are.
 * @throws RangeError where groups differ in names, types or nullability of columns
 */
export function joinRowGroups(groups: readonly RowGroup[]): Uint8Array {
  const [first, ...others] = groups.map(({ columns }) => JSON.stringify(columns.map(({ element }) => facts(element))));
  if (others.some((schema) => schema !== first)) throw new RangeError('row groups differ in their columns');
  return joinParquet([MAGIC, ...groups.map(({ bytes }) => bytes)], footerOf(groups));
}

/** Columns of fewer bytes are not compressed: it costs more than it saves. */
const MIN_COMPRESSED = 1_024;

function writeChunk(column: EncodedColumn, start: number, rows: number): { readonly meta: ColumnMetaData; readonly bytes: Uint8Array[] } {
  const { element, encoding, dictionary, pages } = column;
  const size = pages.reduce((sum, { bytes }) => sum + bytes.length, dictionary?.bytes.length ?? 0);
  const isCompressed = column.isCompressible && size >= MIN_COMPRESSED;
  const bytes: Uint8Array[] = [];
  const [whole, written] = [{ size: 0 }, { size: 0 }];
  const write = (page: EncodedPage, isDictionary: boolean) => {
    const packed = isCompressed ? compress(page.bytes) : page.bytes;
    const header = pageHeader(page, packed.length, isDictionary ? undefined : encoding);
    bytes.push(header, packed);
    whole.size += header.length + page.bytes.length;
    written.size += header.length + packed.length;
  };
  if (dictionary !== undefined) write(dictionary, true);
  const first = start + written.size;
  for (const page of pages) write(page, false);
  const meta: ColumnMetaData = {
    type: element.type,
    encodings: [...new Set(['PLAIN', 'RLE', encoding] as const)],
    path_in_schema: [element.name],
    codec: isCompressed ? 'BROTLI' : 'UNCOMPRESSED',
    num_values: BigInt(rows),
    total_uncompressed_size: BigInt(whole.size),
    total_compressed_size: BigInt(written.size),
    data_page_offset: BigInt(first),
    ...(dictionary === undefined ? {} : { dictionary_page_offset: BigInt(start) }),
  };
  return { meta, bytes };
}

/** The header of a data page, or of a dictionary page if `encoding` is undefined. */
function pageHeader({ rows, bytes }: EncodedPage, compressed: number, encoding: EncodedColumn['encoding'] | undefined): Uint8Array {
  const writer = new ByteWriter(64);
  const sizes = { uncompressed_page_size: bytes.length, compressed_page_size: compressed };
  if (encoding === undefined)
    writePageHeader(writer, { type: 'DICTIONARY_PAGE', ...sizes, dictionary_page_header: { num_values: rows, encoding: 'PLAIN' } });
  else {
    const levels = { definition_level_encoding: 'RLE', repetition_level_encoding: 'RLE' } as const;
    writePageHeader(writer, { type: 'DATA_PAGE', ...sizes, data_page_header: { num_values: rows, encoding, ...levels } });
  }
  return writer.getBytes();
}

/** What a reader and this writer agree on, in whatever order they list it. */
function facts({ name, type, repetition_type, converted_type }: SchemaElement) {
  return [name, type, repetition_type, converted_type ?? null];
}

function footerOf(groups: readonly RowGroup[]): Uint8Array {
  const { columns } = groups[0]!;
  const writer = new ByteWriter(256 * (columns.length * groups.length + 1));
  let start = MAGIC.length;
  const row_groups = groups.map((group) => {
    const chunks = group.columns.map(({ meta }): ColumnChunk => {
      const meta_data = shifted(meta, BigInt(start));
      return { file_offset: meta_data.dictionary_page_offset ?? meta_data.data_page_offset, meta_data };
    });
    const total_byte_size = group.columns.reduce((sum, { meta }) => sum + meta.total_uncompressed_size, 0n);
    start += group.bytes.length;
    return { columns: chunks, total_byte_size, num_rows: BigInt(group.rows) };
  });
  const metadata: Omit<FileMetaData, 'metadata_length'> = {
    version: 2,
    schema: [{ name: 'schema', num_children: columns.length }, ...columns.map(({ element }) => element)],
    num_rows: groups.reduce((sum, { rows }) => sum + BigInt(rows), 0n),
    row_groups,
    created_by: 'modelops',
  };
  writeMetadata(writer, metadata as FileMetaData);
  return writer.getBytes().subarray(0, -4); // without its length, which `joinParquet` writes
}
