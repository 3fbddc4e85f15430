import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { ColumnChunk, FileMetaData, PageHeader } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { MAGIC } from '../../packs/parquet/file-frame.ts';
import { joinParquet } from '../../packs/parquet/write-parquet.ts';

/** One change that an attacker with write access makes in the store's folder. */
export interface Attack {
  readonly group: string;
  readonly name: string;
  /** Keys whose contents may be lost. */
  readonly victims: readonly string[];
  act(root: string, outside: string): void;
}

const prepare = (path: string) => {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  return path;
};

/** Replaces an object by another kind of file. */
export function otherFiles(key: string): Attack[] {
  const group = 'links, FIFOs, devices';
  const at = (name: string, act: (path: string, outside: string) => void): Attack => ({
    group,
    name: `${name} as ${key}`,
    victims: [key],
    act: (root, outside) => act(prepare(join(root, key)), outside),
  });
  return [
    at('a link to a private file', (path, outside) => symlinkSync(join(outside, 'thesis'), path)),
    at('a link to a folder', (path, outside) => symlinkSync(outside, path)),
    at('a link to nothing', (path) => symlinkSync('/nonexistent', path)),
    at('a link to itself', (path) => symlinkSync(path, path)),
    at('a link to an endless device', (path) => symlinkSync('/dev/zero', path)),
    at('a FIFO', (path) => execFileSync('mkfifo', [path])),
    at('a folder', (path) => mkdirSync(path)),
  ];
}

/** Files larger than memory. */
export function sparseFiles(key: string): Attack[] {
  return [2 ** 21, 3 * 2 ** 30, 2 ** 40].map((size) => ({
    group: 'sizes',
    name: `${size} bytes of zeros as ${key}`,
    victims: [key],
    act: (root) => {
      const path = prepare(join(root, key));
      writeFileSync(path, '');
      truncateSync(path, size);
    },
  }));
}

/** Malicious or damaged JSON. */
export function records(key: string): Attack[] {
  const texts: Record<string, string> = {
    nothing: '',
    null: 'null',
    'an array of nulls': `[${new Array(1_000).fill('null').join(',')}]`,
    'deep nesting': '['.repeat(200_000),
    'a prototype': '{"__proto__":{"status":"succeeded"},"constructor":1}',
    'infinite numbers': '{"schema_version":1e999,"tasks_total":-1e999,"chunk":1e999}',
    '10^9 replicates': JSON.stringify({
      schema_version: 1,
      job_id: 'job-bad',
      study: { model: 'm.ts:M', parameter_sets: [{}], n_replicates: 1e9 },
    }),
    'bytes that are not UTF-8': '\ud800\udfff\u0000',
  };
  return Object.entries(texts).map(([name, text]) => ({
    group: 'records',
    name: `${name} as ${key}`,
    victims: [key],
    act: (root) => writeFileSync(prepare(join(root, key)), text),
  }));
}

/** Names and folders that ModelOps never creates. */
export function oddNames(): Attack[] {
  const names = ['back\\slash', 'bell\u0007', 'dot.', 'line\nbreak', 'ﬁ', '\u202egnp', ' ', '-rf', '%2e%2e', 'a'.repeat(255)];
  const folders = ['jobs', 'provenance', 'provenance/token', 'provenance/token/v1/sims', 'results', 'quarantine', 'bundles/blobs/sha256'];
  return folders.flatMap((folder) =>
    names.map((name) => ({
      group: 'names',
      name: `${JSON.stringify(name.slice(0, 12))} in ${folder}`,
      victims: [],
      act: (root: string) => {
        for (const file of ['spec.json', 'state.json', '_index.parquet', 'losses.parquet'])
          writeFileSync(prepare(join(root, folder, name, file)), 'foreign');
        writeFileSync(join(root, folder, `${name.slice(0, 200)}.txt`), 'foreign');
      },
    })),
  );
}

type Page = { readonly header: Omit<PageHeader, 'compressed_page_size'>; readonly bytes: Uint8Array };

/** A sealed Parquet file of one column, whose pages may differ from what their headers claim. */
function sealedFile(name: string, rows: bigint, codec: 'BROTLI' | 'SNAPPY' | 'UNCOMPRESSED', pages: readonly Page[]): Uint8Array {
  const body = new ByteWriter();
  body.appendBytes(MAGIC);
  for (const { header, bytes } of pages) {
    writePageHeader(body, { ...header, compressed_page_size: bytes.length } as PageHeader);
    body.appendBytes(bytes);
  }
  const chunk: ColumnChunk = {
    file_offset: 4n,
    meta_data: {
      type: 'BYTE_ARRAY',
      encodings: ['PLAIN'],
      path_in_schema: [name],
      codec,
      num_values: rows,
      total_uncompressed_size: 1n,
      total_compressed_size: 1n,
      data_page_offset: 4n,
    },
  };
  const footer = new ByteWriter();
  const element = { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' } as const;
  const metadata: Omit<FileMetaData, 'metadata_length'> = {
    version: 2,
    schema: [{ name: 'schema', num_children: 1 }, element],
    num_rows: rows,
    row_groups: [{ columns: [chunk], total_byte_size: 1n, num_rows: rows }],
  };
  writeMetadata(footer, metadata as FileMetaData);
  return seal(body.getBytes(), footer.getBytes().subarray(0, -4));
}

function seal(body: Uint8Array, footer: Uint8Array): Uint8Array {
  return joinParquet([body, createHash('sha256').update(body).update(footer).digest()], footer);
}

const dataPage = (rows: number, encoding: string, size: number, bytes: Uint8Array): Page => ({
  header: {
    type: 'DATA_PAGE',
    uncompressed_page_size: size,
    data_page_header: { num_values: rows, encoding, definition_level_encoding: 'RLE', repetition_level_encoding: 'RLE' },
  } as Page['header'],
  bytes,
});
const dictionary = (rows: number, bytes: Uint8Array): Page => ({
  header: {
    type: 'DICTIONARY_PAGE',
    uncompressed_page_size: bytes.length,
    dictionary_page_header: { num_values: rows, encoding: 'PLAIN' },
  },
  bytes,
});
const ONE_TEXT = Uint8Array.of(1, 0, 0, 0, 97);
/** A run of 2^31 − 1 values, of one bit each. */
const LONG_RUN = Uint8Array.of(1, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0);

/** Parquet files with a valid seal that claim more than they contain. */
export function sealedBombs(key: string, column: string): Attack[] {
  const billion = 1_000_000_000;
  const bombs: Record<string, () => Uint8Array> = {
    'an index of 10^9 run-length rows': () =>
      sealedFile(column, BigInt(billion), 'UNCOMPRESSED', [
        dictionary(1, ONE_TEXT),
        dataPage(billion, 'RLE_DICTIONARY', LONG_RUN.length, LONG_RUN),
      ]),
    'a run of 2^31 values in a page of 3': () =>
      sealedFile(column, 3n, 'UNCOMPRESSED', [dictionary(1, ONE_TEXT), dataPage(3, 'RLE_DICTIONARY', LONG_RUN.length, LONG_RUN)]),
    'a page that claims 2 GiB': () => sealedFile(column, 3n, 'BROTLI', [dataPage(3, 'PLAIN', 2 ** 31 - 1, new Uint8Array(9))]),
    'a page of 300 MiB of zeros': () => {
      const zeros = new Uint8Array(300 * 2 ** 20);
      return sealedFile(column, 3n, 'BROTLI', [dataPage(3, 'PLAIN', zeros.length, brotliCompressSync(zeros, { params: { 1: 1 } }))]);
    },
    'a page shorter than its bytes': () =>
      sealedFile(column, 3n, 'BROTLI', [dataPage(3, 'PLAIN', 12, brotliCompressSync(new Uint8Array(2 ** 20)))]),
    'Snappy with a literal of a negative length': () =>
      sealedFile(column, 3n, 'SNAPPY', [dataPage(3, 'PLAIN', 12, Uint8Array.of(12, 63 << 2, 250, 255, 255, 255, 0, 0, 0, 0, 0, 0))]),
    'endless pages of no rows': () =>
      sealedFile(column, 3n, 'UNCOMPRESSED', new Array(1_000).fill(dataPage(0, 'PLAIN', 0, new Uint8Array(0)))),
    'a text of 4 GiB': () => sealedFile(column, 1n, 'UNCOMPRESSED', [dataPage(1, 'PLAIN', 4, Uint8Array.of(255, 255, 255, 255))]),
    'a negative number of rows': () => sealedFile(column, -5n, 'UNCOMPRESSED', []),
    'rows without pages': () => sealedFile(column, 5n, 'UNCOMPRESSED', []),
    'a footer of 2^20 nested structs': () => seal(MAGIC, new Uint8Array(2 ** 20).fill(0x1c)),
    'a footer whose list claims 2^31 items': () => seal(MAGIC, Uint8Array.of(0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0)),
    'a footer of 64 MiB': () => seal(MAGIC, new Uint8Array(64 * 2 ** 20)),
  };
  return Object.entries(bombs).map(([name, make]) => ({
    group: 'Parquet bombs',
    name: `${name} as ${key}`,
    victims: [key],
    act: (root) => writeFileSync(prepare(join(root, key)), make()),
  }));
}

/** Flips one bit of an object, chosen by `random`. */
export function bitFlips(key: string, size: number, count: number, random: () => number): Attack[] {
  return Array.from({ length: count }, () => {
    const place = Math.floor(random() * size);
    const bit = Math.floor(random() * 8);
    return {
      group: 'bit flips',
      name: `bit ${bit} of byte ${place} of ${key}`,
      victims: [key],
      act: (root) => flipBit(join(root, key), place, bit),
    };
  });
}

function flipBit(path: string, place: number, bit: number): void {
  const bytes = readFileSync(path);
  bytes[place]! ^= 1 << bit;
  writeFileSync(path, bytes);
}
