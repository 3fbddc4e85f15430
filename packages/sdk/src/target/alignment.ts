import { ModelOpsError } from '@modelops/contracts';
import type { Column } from '../columns.ts';
import type { Join } from './definition.ts';

type Columns = Readonly<Record<string, Column>>;

/** What identifies a row: a number where one column joins, otherwise text of all of them. */
type RowKey = number | string;

export interface Alignment {
  readonly join: Join;
  readonly observed: Columns;
  readonly simulated: Columns;
  /** Rows of each replicate in `simulated`. */
  readonly rows: ArrayLike<number>;
  readonly n: number;
}

export function joinColumns(join: Join): readonly string[] {
  return 'column' in join ? [join.column] : join;
}

/**
 * For replicate k and observation i, at `k * n + i`, the row in `simulated` that the observation is compared with.
 * Simulated rows without an observation are passed over; several observations may share a row.
 * @throws TARGET_INVALID naming the observed row and the replicate when there is no partner, or more than one.
 */
export function alignRows({ join, observed, simulated, rows, n }: Alignment): Int32Array {
  const partners = new Int32Array(rows.length * n);
  const columns = joinColumns(join).map((name) => simulated[name]!);
  let start = 0;
  let last = -1;
  for (let k = 0; k < rows.length; k++) {
    const count = rows[k]!;
    if (last >= 0 && rows[k - 1] === count && sameRows(columns, last, start, count)) {
      // Replicates nearly always have the same days: then the offsets are those of the one before.
      for (let i = 0; i < n; i++) partners[k * n + i] = partners[(k - 1) * n + i]! + count;
    } else {
      const find = 'column' in join ? nearestRow(columns[0]!, start, count, join.tolerance) : equalRow(columns, start, count);
      const keys = rowKeys(joinColumns(join).map((name) => observed[name]!));
      for (let i = 0; i < n; i++) {
        const found = find(keys(i));
        if (typeof found === 'string') throw unmatched(i, k, found, joinColumns(join), observed);
        partners[k * n + i] = found;
      }
    }
    last = start;
    start += count;
  }
  return partners;
}

/** The row, or why there is not one. */
type FindRow = (key: RowKey) => number | 'no' | 'more than one';

function equalRow(columns: readonly Column[], start: number, count: number): FindRow {
  const keys = rowKeys(columns);
  const rowOf = new Map<RowKey, number | 'more than one'>();
  for (let row = start; row < start + count; row++) rowOf.set(keys(row), rowOf.has(keys(row)) ? 'more than one' : row);
  return (key) => rowOf.get(key) ?? 'no';
}

/** Of two rows equally near, the one with the lower value. */
function nearestRow(column: Column, start: number, count: number, tolerance: number): FindRow {
  const values = Float64Array.from({ length: count }, (_, k) => Number(column[start + k]));
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const valueAt = (place: number): number => values[order[place]!]!;
  return (key) => {
    const wanted = Number(key);
    const above = firstAtLeast(wanted, count, valueAt);
    const below = above - 1;
    const place = below >= 0 && (above === count || wanted - valueAt(below) <= valueAt(above) - wanted) ? below : above;
    if (place >= count || !(Math.abs(valueAt(place) - wanted) <= tolerance)) return 'no';
    const isShared = (other: number): boolean => other >= 0 && other < count && valueAt(other) === valueAt(place);
    return isShared(place - 1) || isShared(place + 1) ? 'more than one' : start + order[place]!;
  };
}

function firstAtLeast(wanted: number, count: number, valueAt: (place: number) => number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (valueAt(middle) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rowKeys(columns: readonly Column[]): (row: number) => RowKey {
  const [first] = columns;
  if (columns.length === 1 && first !== undefined) return (row) => keyOf(first[row]!);
  return (row) => JSON.stringify(columns.map((column) => keyOf(column[row]!)));
}

/** One key for one value, whichever integer or float type its column has. */
function keyOf(value: Column[number]): RowKey {
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (typeof value === 'bigint') return Number(value);
  return String(value);
}

function sameRows(columns: readonly Column[], a: number, b: number, count: number): boolean {
  return columns.every((column) => {
    for (let row = 0; row < count; row++) if (column[a + row] !== column[b + row]) return false;
    return true;
  });
}

function unmatched(row: number, replicate: number, found: string, join: readonly string[], observed: Columns): ModelOpsError {
  const key = join.map((name) => `${name} ${String(observed[name]![row])}`).join(', ');
  return new ModelOpsError('TARGET_INVALID', `observed row ${row} (${key}) has ${found} simulated row in replicate ${replicate}`, {
    hint: found === 'no' ? 'simulate as far as the data goes, or join to the nearest row within a tolerance' : 'join by more columns',
  });
}
