import type { ColumnChunk, ColumnMetaData, FileMetaData } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { type ParquetColumn, rowsOf } from './columns.ts';
import { compress } from './compression.ts';
import { type EncodedColumn, type EncodedPage, encodeColumn } from './encode-column.ts';

export const MAGIC = Buffer.from('PAR1', 'latin1');

/** The bytes of a Parquet file: pages, and the footer without its length. */
export interface ParquetParts {
  readonly body: readonly Uint8Array[];
  readonly footer: Uint8Array;
}

/**
 * A Parquet file of columns of equal length and distinct names; the same columns yield the same bytes. One row group, Brotli.
 * Footer, headers and text are written by hyparquet-writer; pages of numbers and of runs here (docs/adr/0007-hyparquet.md has the figures).
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
  const body: Uint8Array[] = [MAGIC];
  let start = MAGIC.length;
  const encoded = columns.map(encodeColumn);
  const chunks = encoded.map((column) => {
    const written = writeChunk(column, start, rows);
    body.push(...written.bytes);
    start += Number(written.chunk.meta_data!.total_compressed_size);
    return written.chunk;
  });
  return { body, footer: footerOf(encoded, chunks, rows) };
}

/** Columns of fewer bytes are not compressed: it costs more than it saves. */
const MIN_COMPRESSED = 1_024;

function writeChunk(column: EncodedColumn, start: number, rows: number): { readonly chunk: ColumnChunk; readonly bytes: Uint8Array[] } {
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
  const meta_data: ColumnMetaData = {
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
  return { chunk: { file_offset: BigInt(start), meta_data }, bytes };
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

function footerOf(columns: readonly EncodedColumn[], chunks: ColumnChunk[], rows: number): Uint8Array {
  const writer = new ByteWriter(256 * (chunks.length + 1));
  const total_byte_size = chunks.reduce((sum, { meta_data }) => sum + meta_data!.total_uncompressed_size, 0n);
  const metadata: Omit<FileMetaData, 'metadata_length'> = {
    version: 2,
    schema: [{ name: 'schema', num_children: columns.length }, ...columns.map(({ element }) => element)],
    num_rows: BigInt(rows),
    row_groups: [{ columns: chunks, total_byte_size, num_rows: BigInt(rows) }],
    created_by: 'modelops',
  };
  writeMetadata(writer, metadata as FileMetaData);
  return writer.getBytes().subarray(0, -4); // without its length, which `joinParquet` writes
}
