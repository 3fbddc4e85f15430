import { ModelOpsError } from '@modelops/contracts';
import { parse } from 'csv-parse/sync';

/** A decimal number; text with leading zeros is a code (a district, a postcode) and not a number. */
const NUMBER = /^[+-]?(0|[1-9]\d*)?(\.\d*)?([eE][+-]?\d+)?$/;
/** The same limit as for a model's outputs. */
const MAX_COLUMNS = 10_000;
const MISSING = new Set(['', 'NA', 'NaN', 'nan']);

/**
 * The columns of CSV text with a header row (RFC 4180; a byte order mark and blank lines are skipped, cells are trimmed).
 * A column of numbers is a Float64Array, with NaN for a cell that is empty, `NA` or `NaN`; any other column is text.
 * @throws FILE_INVALID naming `source` and, where known, the line.
 */
export function parseCsv(text: string, source = 'the CSV data'): Record<string, Float64Array | string[]> {
  const [header, ...rows] = readRecords(text, source);
  if (header === undefined)
    throw new ModelOpsError('FILE_INVALID', `${source} is empty`, { hint: 'write the names of the columns in its first line' });
  if (header.length > MAX_COLUMNS)
    throw new ModelOpsError('FILE_INVALID', `${source} has ${header.length} columns; the limit is ${MAX_COLUMNS}`, {
      hint: 'write one observation per row',
    });
  const names = new Set<string>();
  for (const name of header) {
    if (name === '') throw new ModelOpsError('FILE_INVALID', `${source} has a column without a name`);
    if (names.size === names.add(name).size) throw new ModelOpsError('FILE_INVALID', `${source} has two columns ${name}`);
  }
  return Object.fromEntries(header.map((name, j) => [name, columnOf(rows.map((row) => row[j]!))]));
}

/** The cells of CSV text, including its header. @throws FILE_INVALID */
export function readRecords(text: string, source: string): string[][] {
  try {
    return parse(text, { bom: true, trim: true, skip_empty_lines: true });
  } catch (cause) {
    throw new ModelOpsError('FILE_INVALID', `${source} is not valid CSV: ${(cause as Error).message}`, { cause });
  }
}

function columnOf(cells: string[]): Float64Array | string[] {
  const isNumeric = cells.some((cell) => !MISSING.has(cell)) && cells.every((cell) => MISSING.has(cell) || isNumber(cell));
  return isNumeric ? Float64Array.from(cells, (cell) => (MISSING.has(cell) ? Number.NaN : Number(cell))) : cells;
}

/** Whole numbers beyond the precision of a double are identifiers and remain text. */
function isNumber(cell: string): boolean {
  if (!NUMBER.test(cell) || !/\d/.test(cell)) return false;
  const value = Number(cell);
  return Number.isFinite(value) && (!/^[+-]?\d+$/.test(cell) || Number.isSafeInteger(value));
}
