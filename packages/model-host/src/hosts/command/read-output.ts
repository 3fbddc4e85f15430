import { readFileSync, statSync } from 'node:fs';
import { type ColumnValues, messageOf } from '@modelops/contracts';
import type { CommandColumnType } from '../../command/command-file.ts';
import { readArrow } from '../../tables/open-arrow.ts';
import { readCsv } from './csv-output.ts';
import type { DeclaredColumns, FileColumns, OutputColumns } from './output-columns.ts';
import { CommandFailure } from './output-columns.ts';
import { createColumn } from './typed-column.ts';

/**
 * Reads the declared columns of a file that a command wrote: CSV with a header, Parquet, or Arrow IPC (file or stream, not compressed).
 * @param file the declared name, for errors
 * @throws CommandFailure MissingOutput, InvalidOutput with the line and column
 */
export async function readOutput(path: string, columns: DeclaredColumns, file: string): Promise<OutputColumns> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new CommandFailure('MissingOutput', `the command ended without writing ${file}`);
  if (!stat.isFile()) throw new CommandFailure('InvalidOutput', `${file} is not a regular file`);
  const bytes = readBytes(path, file);
  if (file.endsWith('.csv')) return readCsv(textOf(bytes, file), columns, file);
  const read = file.endsWith('.parquet') ? (await import('./parquet-output.ts')).readParquet : readArrow;
  let held: FileColumns;
  try {
    held = await read(bytes, Object.keys(columns));
  } catch (error) {
    throw new CommandFailure('InvalidOutput', `cannot read ${file}: ${messageOf(error)}`);
  }
  return Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, typed(held, name, type, file)]));
}

function typed(held: FileColumns, name: string, type: CommandColumnType, file: string): ColumnValues {
  const values = held.columns.get(name);
  if (values === undefined) throw new CommandFailure('InvalidOutput', `${file} has no column ${name}; it has ${held.names.join(', ')}`);
  if (type === 'float' && values instanceof Float64Array) return values;
  const column = createColumn(type, values.length);
  for (let row = 0; row < values.length; row++) {
    if (column.set(row, values[row])) continue;
    throw new CommandFailure(
      'InvalidOutput',
      `${file}, row ${row + 1}, column ${name}: ${shown(values[row])} is not of the declared type ${type}`,
    );
  }
  return column.finish(values.length);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : String(value).slice(0, 100);
}

function readBytes(path: string, file: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandFailure('InvalidOutput', `cannot read ${file}: ${messageOf(error)}`);
  }
}

/** Decodes UTF-8 without a byte order mark. A string in Node has fewer than 2^29 characters. */
function textOf(bytes: Buffer, file: string): string {
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  if (bytes.length >= 2 ** 29)
    throw new CommandFailure('InvalidOutput', `${file} has ${bytes.length} bytes; the limit for CSV is 512 MiB: write Parquet or Arrow`);
  return bytes.toString('utf8', from);
}
