import type { ParamValue } from '@modelops/contracts';
import type { PointSource } from './design.ts';
import { concatTables, type ParameterTable, rowsIn, rowsOf } from './parameter-table.ts';

/** Which rows of a table are allowed. */
export type Allowed = (table: ParameterTable) => Promise<Uint8Array> | Uint8Array;

export interface Selection {
  readonly sets: ParameterTable;
  /** Rows that the condition rejected. */
  readonly rejected: number;
  /** Rows left out because an earlier one has the same values. */
  readonly repeated: number;
}

export interface SelectOptions {
  /** Absent where every row is. */
  readonly allowed?: Allowed | undefined;
  /** Find rows with equal values; keeps the text of every row while it works. */
  readonly findRepeated: boolean;
}

/** Tables of replacements tried before a condition is given up as nearly impossible. */
const MAX_TABLES = 1000;

/**
 * The rows of a design that a condition allows. Groups with a rejected row are replaced by further ones, where the design has them, until there are as many
 * as requested or {@link MAX_TABLES} tables are used; then there are fewer. Rows that come twice stay out.
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

/** A condition on the values of a row as a mask of a table's rows. */
export function maskOf(table: ParameterTable, conditions: readonly ((values: readonly ParamValue[]) => boolean)[]): Uint8Array {
  const mask = new Uint8Array(table.size);
  let at = 0;
  for (const values of rowsIn(table)) mask[at++] = conditions.every((condition) => condition(values)) ? 1 : 0;
  return mask;
}
