import { readRecords } from '@modelops/sdk/internal';
import type { DeclaredColumns, OutputColumns } from './output-columns.ts';
import { CommandFailure } from './output-columns.ts';
import { type ColumnBuilder, createColumn } from './typed-column.ts';

/** Reads the declared columns of CSV text with a header (RFC 4180). Other columns are ignored. @throws CommandFailure */
export function readCsv(text: string, columns: DeclaredColumns, file: string): OutputColumns {
  const headerEnd = endOfHeader(text);
  const [header = []] = records(text.slice(0, headerEnd), file);
  const declared = placesOf(header, columns, file);
  const body = headerEnd + 1;
  return text.includes('"', body) ? readQuoted(text, declared, header.length, file) : readPlain(text, body, declared, header.length, file);
}

interface CsvColumn {
  readonly name: string;
  readonly place: number;
  readonly type: DeclaredColumns[string];
}

/** The position of the end of the first line. */
function endOfHeader(text: string): number {
  const end = text.indexOf('\n');
  return end === -1 ? text.length : end;
}

function records(text: string, file: string): string[][] {
  try {
    return readRecords(text, file);
  } catch (error) {
    throw new CommandFailure('InvalidOutput', (error as Error).message);
  }
}

function placesOf(header: readonly string[], columns: DeclaredColumns, file: string): CsvColumn[] {
  const missing = Object.keys(columns).filter((name) => !header.includes(name));
  if (missing.length > 0) {
    const has = header.length === 0 ? 'it is empty' : `its header is ${header.join(',')}`;
    throw new CommandFailure('InvalidOutput', `${file} has no column ${missing.join(', ')}; ${has}`);
  }
  const twice = Object.keys(columns).find((name) => header.indexOf(name) !== header.lastIndexOf(name));
  if (twice !== undefined) throw new CommandFailure('InvalidOutput', `${file} has two columns ${twice}`);
  return Object.entries(columns).map(([name, type]) => ({ name, type, place: header.indexOf(name) }));
}

/** Reads a file with quotes by the library, which stores every cell as a string. */
function readQuoted(text: string, declared: readonly CsvColumn[], width: number, file: string): OutputColumns {
  const rows = records(text, file).slice(1);
  const builders = declared.map(({ type }) => createColumn(type, rows.length));
  for (const [row, cells] of rows.entries()) {
    if (cells.length !== width) throw ragged(file, `row ${row + 1}`, width, cells.length);
    for (const [at, { place, name, type }] of declared.entries())
      if (!builders[at]!.set(row, cells[place])) throw invalidCell(file, `row ${row + 1}`, name, cells[place]!, type);
  }
  return finish(declared, builders, rows.length);
}

/** Reads a file without quotes in one pass, directly into typed columns. A file of 64 MiB takes seconds and memory of its own size. */
function readPlain(text: string, body: number, declared: readonly CsvColumn[], width: number, file: string): OutputColumns {
  const builders = declared.map(({ type }) => createColumn(type, countLines(text, body)));
  const places: number[] = Array(width).fill(-1);
  for (const [at, { place }] of declared.entries()) places[place] = at;
  let row = 0;
  let line = 1;
  let comma = text.indexOf(',', body);
  for (let from = body; from < text.length; ) {
    line++;
    const newline = text.indexOf('\n', from);
    const next = newline === -1 ? text.length : newline;
    const end = text.charCodeAt(next - 1) === CARRIAGE_RETURN ? next - 1 : next;
    if (end <= from) {
      from = next + 1;
      continue;
    }
    let cell = 0;
    for (let start = from; start <= end; cell++) {
      while (comma !== -1 && comma < start) comma = text.indexOf(',', start);
      const stop = comma === -1 || comma > end ? end : comma;
      const at = cell < width ? places[cell]! : -1;
      if (at >= 0) {
        const value = text.slice(start, stop).trim();
        if (!builders[at]!.set(row, value)) throw invalidCell(file, `line ${line}`, declared[at]!.name, value, declared[at]!.type);
      }
      start = stop + 1;
    }
    if (cell !== width) throw ragged(file, `line ${line}`, width, cell);
    row++;
    from = next + 1;
  }
  return finish(declared, builders, row);
}

const CARRIAGE_RETURN = 13;

function countLines(text: string, from: number): number {
  let count = 1;
  for (let at = text.indexOf('\n', from); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function finish(declared: readonly CsvColumn[], builders: readonly ColumnBuilder[], rows: number): OutputColumns {
  return Object.fromEntries(declared.map(({ name }, at) => [name, builders[at]!.finish(rows)]));
}

function ragged(file: string, where: string, width: number, cells: number): CommandFailure {
  return new CommandFailure('InvalidOutput', `${file}, ${where}: expected ${width} cells as in the header, got ${cells}`);
}

function invalidCell(file: string, where: string, name: string, value: string, type: string): CommandFailure {
  const shown = value.length > 100 ? `${value.slice(0, 100)}…` : value;
  return new CommandFailure('InvalidOutput', `${file}, ${where}, column ${name}: expected ${NOUNS[type]}, got ${JSON.stringify(shown)}`);
}

const NOUNS: Readonly<Record<string, string>> = {
  float: 'a number',
  int: 'a whole number of 32 bits',
  int64: 'a whole number of 64 bits',
  text: 'text',
  bool: 'true or false',
};
