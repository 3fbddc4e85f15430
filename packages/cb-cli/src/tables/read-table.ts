import { extname } from 'node:path';
import { ModelOpsError, messageOf } from '@modelops/contracts';
import { parseCsv } from '@modelops/sdk';
import { readInput } from './read-input.ts';
import { cellOf, type Table, tableOfRows } from './table.ts';

/** Reads CSV with a header, Parquet, or JSON (an array of objects). @throws FILE_NOT_FOUND, FILE_INVALID */
export async function readTable(path: string): Promise<Table> {
  const bytes = await readInput(path);
  switch (extname(path).toLowerCase()) {
    case '.parquet':
      return readParquet(bytes, path);
    case '.json':
      return readJson(bytes.toString('utf8'), path);
    case '.csv':
      return tableOfCsv(bytes.toString('utf8'), path);
    default:
      throw new ModelOpsError('FILE_INVALID', `cannot read ${path}: expected a name ending with .csv, .parquet or .json`);
  }
}

function tableOfCsv(text: string, path: string): Table {
  const columns = Object.entries(parseCsv(text, path));
  return { size: columns[0]?.[1].length ?? 0, columns: new Map(columns) };
}

function readJson(text: string, path: string): Table {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ModelOpsError('FILE_INVALID', `${path} is not valid JSON: ${messageOf(cause)}`, { cause });
  }
  const isRow = (row: unknown) => typeof row === 'object' && row !== null && !Array.isArray(row);
  if (!Array.isArray(value) || !value.every(isRow)) throw new ModelOpsError('FILE_INVALID', `${path} is not an array of objects`);
  return tableOfRows(value);
}

async function readParquet(bytes: Buffer, path: string): Promise<Table> {
  const [{ parquetMetadata, parquetReadObjects }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  try {
    const metadata = parquetMetadata(file);
    const names = metadata.schema.filter((element) => element.num_children === undefined).map(({ name }) => name);
    const rows = await parquetReadObjects({ file, metadata, compressors });
    return { size: rows.length, columns: new Map(names.map((name) => [name, rows.map((row) => cellOf(row[name]))])) };
  } catch (cause) {
    throw new ModelOpsError('FILE_INVALID', `cannot read ${path} as Parquet: ${messageOf(cause)}`, { cause });
  }
}
