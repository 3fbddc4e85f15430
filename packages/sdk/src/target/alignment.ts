import { ModelOpsError } from '@modelops/contracts';
import type { Column } from '../columns.ts';
import type { Join, NearJoin } from './definition.ts';

type Columns = Readonly<Record<string, Column>>;

/** The key of a row: the value of a single join column, else the text of all of them. */
type RowKey = number | string;

export interface Alignment {
  readonly join: Join;
  readonly observed: Columns;
  readonly simulated: Columns;
  /** Rows of each replicate in `simulated`. */
  readonly rows: ArrayLike<number>;
  readonly n: number;
}

/** The columns that both tables need. */
export function joinColumns(join: Join): readonly string[] {
  if (join === 'none') return [];
  return 'column' in join ? [...(join.by ?? []), join.column] : join;
}

/**
 * For replicate k and observation i, at `k * n + i`: the row of `simulated` that the observation is compared with. Simulated rows without an observation are
 * ignored; several observations may share a row.
 * @throws TARGET_INVALID naming the observed row and the replicate if there is no such row, or more than one
 */
export function alignRows(alignment: Alignment): Int32Array {
  const { join, observed, simulated, rows, n } = alignment;
  const partners = new Int32Array(rows.length * n);
  const names = joinColumns(join);
  const columns = names.map((name) => simulated[name]!);
  const keys = rowKeys(names.map((name) => observed[name]!));
  let start = 0;
  let last = -1;
  for (let k = 0; k < rows.length; k++) {
    const count = rows[k]!;
    if (last >= 0 && rows[k - 1] === count && sameRows(columns, last, start, count)) {
      // Replicates usually have the same days: reuse the offsets of the previous replicate.
      for (let i = 0; i < n; i++) partners[k * n + i] = partners[(k - 1) * n + i]! + count;
    } else {
      const find = rowFinder(alignment, columns, start, count);
      for (let i = 0; i < n; i++) {
        const found = find(keys(i), i);
        if (typeof found === 'string') throw unmatched(alignment, { row: i, replicate: k, found, start, count });
        partners[k * n + i] = found;
      }
    }
    last = start;
    start += count;
  }
  return partners;
}

function rowFinder({ join, observed }: Alignment, columns: readonly Column[], start: number, count: number): FindRow {
  if (join === 'none') return () => (count === 1 ? start : count === 0 ? 'no' : 'more than one');
  if (!('column' in join)) return equalRow(columns, start, count);
  const { by = [] } = join;
  const near = columns.at(-1)!;
  const groups = groupRows(columns.slice(0, -1), start, count);
  const groupOf = rowKeys(by.map((name) => observed[name]!));
  const finders = new Map<RowKey, FindRow>();
  const values = observed[join.column]!;
  return (_key, i) => {
    const group = by.length === 0 ? ALL : groupOf(i);
    const find = finders.get(group) ?? nearRow(near, groups.get(group) ?? [], join);
    finders.set(group, find);
    return find(Number(values[i]!), i);
  };
}

const ALL = '';

/** The rows of each group, in order; all of them if there is no grouping column. */
function groupRows(columns: readonly Column[], start: number, count: number): ReadonlyMap<RowKey, readonly number[]> {
  const keys = columns.length === 0 ? () => ALL : rowKeys(columns);
  const groups = new Map<RowKey, number[]>();
  for (let row = start; row < start + count; row++) {
    const held = groups.get(keys(row));
    if (held === undefined) groups.set(keys(row), [row]);
    else held.push(row);
  }
  return groups;
}

/** The simulated row for the key of observation `i`, or why there is none. */
type FindRow = (key: RowKey, i: number) => number | 'no' | 'more than one';

function equalRow(columns: readonly Column[], start: number, count: number): FindRow {
  const keys = rowKeys(columns);
  const rowOf = new Map<RowKey, number | 'more than one'>();
  for (let row = start; row < start + count; row++) rowOf.set(keys(row), rowOf.has(keys(row)) ? 'more than one' : row);
  return (key) => rowOf.get(key) ?? 'no';
}

function nearRow(
  column: Column,
  rows: readonly number[],
  { tolerance = Number.POSITIVE_INFINITY, direction = 'nearest' }: NearJoin,
): FindRow {
  const order = rows.map((row) => ({ row, value: Number(column[row]) })).sort((a, b) => a.value - b.value);
  const count = order.length;
  const valueAt = (place: number): number => order[place]!.value;
  return (key) => {
    const value = Number(key);
    const atLeast = firstAtLeast(value, count, valueAt);
    const above = atLeast;
    const below = atLeast < count && valueAt(atLeast) === value ? atLeast : atLeast - 1;
    const isBelowNearer = below >= 0 && (above === count || value - valueAt(below) < valueAt(above) - value || below === above);
    const place = direction === 'backward' || (direction === 'nearest' && isBelowNearer) ? below : above;
    if (place < 0 || place >= count || !(Math.abs(valueAt(place) - value) <= tolerance)) return 'no';
    const isShared = (other: number): boolean => other >= 0 && other < count && valueAt(other) === valueAt(place);
    return isShared(place - 1) || isShared(place + 1) ? 'more than one' : order[place]!.row;
  };
}

function firstAtLeast(value: number, count: number, valueAt: (place: number) => number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (valueAt(middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rowKeys(columns: readonly Column[]): (row: number) => RowKey {
  const [first] = columns;
  if (columns.length === 1 && first !== undefined) return (row) => keyOf(first[row]!);
  return (row) => JSON.stringify(columns.map((column) => keyOf(column[row]!)));
}

/** Equal keys for equal numbers of any column types. */
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

interface Unmatched {
  readonly row: number;
  readonly replicate: number;
  readonly found: 'no' | 'more than one';
  /** First row of the replicate, and its number of rows. */
  readonly start: number;
  readonly count: number;
}

function unmatched({ join, observed, simulated }: Alignment, { row, replicate, found, start, count }: Unmatched): ModelOpsError {
  const names = joinColumns(join);
  const key = names.length === 0 ? '' : ` (${names.map((name) => `${name} ${String(observed[name]![row])}`).join(', ')})`;
  const ranges =
    found === 'no' ? names.flatMap((name) => disjointRanges(name, observed[name]!, simulated[name]!.slice(start, start + count))) : [];
  const hints = {
    no: 'simulate the whole range of the data, or join to a near row',
    'more than one': names.length === 0 ? 'a scalar output has one row' : 'join by more columns',
  };
  return new ModelOpsError(
    'TARGET_INVALID',
    `observed row ${row}${key} has ${found} simulated row in replicate ${replicate}${ranges.length === 0 ? '' : `: ${ranges.join('; ')}`}`,
    { hint: hints[found] },
  );
}

/** Both ranges of a numeric join column, if they do not overlap. */
function disjointRanges(name: string, observed: Column, simulated: Column): string[] {
  if (!ArrayBuffer.isView(observed) || !ArrayBuffer.isView(simulated) || simulated.length === 0) return [];
  const [a, b] = [rangeOf(observed), rangeOf(simulated)];
  return a.max < b.min || b.max < a.min ? [`${name} is ${a.min} … ${a.max} in the data and ${b.min} … ${b.max} in the simulation`] : [];
}

function rangeOf(values: Column): { readonly min: number; readonly max: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values as Iterable<number | bigint>) [min, max] = [Math.min(min, Number(value)), Math.max(max, Number(value))];
  return { min, max };
}
