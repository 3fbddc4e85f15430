import type { ParamValue } from '@modelops/contracts';
import type { PointSource } from './design.ts';
import { concatTables, type ParameterTable, rowsIn, rowsOf } from './parameter-table.ts';

/** Returns 1 for each row of a table that is allowed, else 0. */
export type Allowed = (table: ParameterTable) => Promise<Uint8Array> | Uint8Array;

export interface Selection {
  readonly sets: ParameterTable;
  /** Rows that the condition rejected. */
  readonly rejected: number;
  /** Rows removed because an earlier row has the same values. */
  readonly repeated: number;
}

export interface SelectOptions {
  /** Default: all rows. */
  readonly allowed?: Allowed | undefined;
  /** Remove rows with equal values, which needs memory for the text of every row. */
  readonly findRepeated: boolean;
}

/** Maximum number of tables of replacements, after which a condition counts as nearly impossible. */
const MAX_TABLES = 1000;

/**
 * The rows of a design that a condition allows. Groups with a rejected row are replaced by further groups of the design, from at
 * most {@link MAX_TABLES} tables; without enough of them there are fewer rows than requested. Repeated rows are removed.
 */
export async function selectPoints(source: PointSource, { allowed, findRepeated }: SelectOptions): Promise<Selection> {
  const { points, group = 1 } = source;
  const { table, rejected } = allowed === undefined ? { table: points, rejected: 0 } : await keepAllowed(source, allowed, group);
  if (!findRepeated) return { sets: table, rejected, repeated: 0 };
  const rows = firstOccurrences(table);
  const repeated = table.size - rows.length;
  return { sets: repeated === 0 ? table : rowsOf(table, rows), rejected, repeated };
}

async function keepAllowed({ points, more }: PointSource, allowed: Allowed, group: number) {
  const kept: ParameterTable[] = [];
  let [missing, rejected] = [points.size, 0];
  for (let k = 0; missing > 0 && k < MAX_TABLES; k++) {
    const table = k === 0 ? points : more?.(k);
    if (table === undefined) break;
    const mask = await allowed(table);
    const rows: number[] = [];
    for (let start = 0; start < table.size && rows.length < missing; start += group) {
      const isWhole = mask.subarray(start, start + group).every((one) => one === 1);
      if (isWhole) for (let row = start; row < start + group; row++) rows.push(row);
      else rejected += group;
    }
    missing -= rows.length;
    kept.push(rowsOf(table, rows));
  }
  return { table: concatTables(kept), rejected };
}

function firstOccurrences(table: ParameterTable): Uint32Array {
  const seen = new Set<string>();
  const rows: number[] = [];
  let at = 0;
  for (const row of rowsIn(table)) {
    const text = JSON.stringify(row);
    if (!seen.has(text)) rows.push(at);
    seen.add(text);
    at += 1;
  }
  return Uint32Array.from(rows);
}

/** The counts of a selection for a study's metadata; zeros are omitted. */
export function selectionCounts({ rejected, repeated }: Pick<Selection, 'rejected' | 'repeated'>) {
  return { ...(rejected === 0 ? {} : { rejected }), ...(repeated === 0 ? {} : { repeated }) };
}

type RowCondition = (values: readonly ParamValue[]) => boolean;

/** The rows that meet all conditions and the model's own constraint, if it has one; undefined if there is neither. */
export function allowedRows(conditions: readonly RowCondition[], own: Allowed | undefined): Allowed | undefined {
  if (conditions.length === 0) return own;
  return async (table) => {
    const mask = maskOf(table, conditions);
    const allowed = await own?.(table);
    return allowed === undefined ? mask : mask.map((one, at) => one & allowed[at]!);
  };
}

function maskOf(table: ParameterTable, conditions: readonly RowCondition[]): Uint8Array {
  const mask = new Uint8Array(table.size);
  let at = 0;
  for (const values of rowsIn(table)) mask[at++] = conditions.every((condition) => condition(values)) ? 1 : 0;
  return mask;
}
