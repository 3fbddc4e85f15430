import type { Comparison, OutputTable } from '@modelops/contracts';
import type { BandSet, Bands, TargetLosses } from '@modelops/report';
import { quantile } from '@modelops/sdk/internal';
import type { ProvenanceStore } from '@modelops/store';
import type { RowOrigin } from './loss-table.ts';
import type { Compared, Observed } from './observed-data.ts';

/** Number of sets of a target whose simulations are shown. */
const SETS = 3;
/** Groups of a comparison (regions, age groups) that are shown: the best set alone if there are more than one. */
const GROUPS = 6;
/** Maximum number of points along x. */
const MOST_POINTS = 240;

/**
 * Quantiles over the replicates of the best sets of a target, for each output that it compares and each group of observations; of a single value where it
 * joins nothing. Nothing where the output has no column of numbers or dates for x and none of numbers for y, or several rows at one x in a replicate of a group.
 */
export async function replicateBands(
  target: TargetLosses,
  origins: readonly RowOrigin[],
  compared: readonly Compared[] | undefined,
  { readOutput }: Pick<ProvenanceStore, 'readOutput'>,
): Promise<Bands[]> {
  const best = lowestRows(target.losses);
  const first = best[0] === undefined ? undefined : origins[best[0]];
  const output = first?.job.spec.binding.targets.find(({ name }) => name === target.name)?.output;
  if (output === undefined) return [];
  const bands: Bands[] = [];
  for (const one of compared ?? [{ output }]) {
    const tables = [];
    for (const row of best) {
      const { job, set } = origins[row]!;
      const { start, end } = job.tasks.groupAt(set);
      const ids = Array.from({ length: end - start }, (_, k) => job.tasks.idAt(start + k));
      const { table } = await readOutput(job.sims, ids, one.output);
      tables.push({ table, paramId: job.tasks.paramsAt(set).param_id, loss: target.losses[row]! });
    }
    bands.push(...bandsOf(target.name, one, tables));
  }
  return bands;
}

function lowestRows(losses: Float64Array): number[] {
  const lowest: number[] = [];
  losses.forEach((loss, row) => {
    if (Number.isNaN(loss) || (lowest.length === SETS && loss >= losses[lowest.at(-1)!]!)) return;
    lowest.push(row);
    lowest.sort((a, b) => losses[a]! - losses[b]! || a - b);
    lowest.length = Math.min(lowest.length, SETS);
  });
  return lowest;
}

interface SetTable {
  readonly table: OutputTable;
  readonly paramId: string;
  readonly loss: number;
}

function bandsOf(target: string, one: Compared, tables: readonly SetTable[]): Bands[] {
  if (one.comparison?.join.length === 0) return valuesOf(target, one, one.comparison, tables);
  const [first] = tables;
  const axes = first && axesOf(first.table, one);
  if (axes === undefined) return [];
  const groups = groupsOf(axes, one.observed);
  const shown = groups.length > 1 ? tables.slice(0, 1) : tables;
  return groups.slice(0, GROUPS).flatMap((group): Bands[] => {
    const sets = shown.flatMap(({ table, paramId, loss }): BandSet[] => {
      const band = bandOf(table, axes, group);
      return band === undefined ? [] : [{ ...band, paramId, loss }];
    });
    if (sets.length === 0) return [];
    const observed = one.observed && observedPoints(one.observed, axes, group);
    const label = axes.by.map((name, k) => `${name} ${String(group[k])}`).join(', ');
    const grouped = label === '' ? {} : { group: label, groups: groups.length };
    const dates = axes.hasDates ? { hasDates: true } : {};
    return [{ target, output: one.output, xName: axes.x, yName: yNameOf(axes), ...dates, ...grouped, observed, sets }];
  });
}

/** The columns that a target compares; no `observed_value` if the observed data have no column for it. */
interface Columns extends Pick<Comparison, 'join' | 'value' | 'trials' | 'observed_trials'> {
  readonly observed_value: string | undefined;
}

interface BandAxes extends Columns {
  readonly x: string;
  /** The values of x are dates in text. */
  readonly hasDates: boolean;
  /** Columns of groups. */
  readonly by: readonly string[];
}

function yNameOf({ value, trials, observed_trials }: Columns): string {
  return trials === undefined && observed_trials === undefined ? value : `share ${value}`;
}

/** A single value of each replicate, and the observed one. */
function valuesOf(target: string, { output, observed }: Compared, comparison: Comparison, tables: readonly SetTable[]): Bands[] {
  const sets = tables.flatMap(({ table, paramId, loss }): BandSet[] => {
    const read = simulatedIn(table, comparison);
    const rows = table.rows.reduce((sum, count) => sum + count, 0);
    const values = read === undefined ? [] : Array.from({ length: rows }, (_, row) => read(row)).filter(Number.isFinite);
    return values.length === 0 ? [] : [{ paramId, loss, replicates: values.length, ...quantilesAt([0], new Map([[0, values]])) }];
  });
  if (sets.length === 0) return [];
  const read = observed && observedIn(observed, comparison);
  const seen = read === undefined ? [] : Array.from(observed![comparison.observed_value]!, (_, row) => read(row)).filter(Number.isFinite);
  const points = seen.length === 0 ? undefined : { x: seen.map(() => 0), y: seen };
  return [{ target, output, isSingle: true, xName: '', yName: yNameOf(comparison), observed: points, sets }];
}

const DATE = /^\d{4}-\d\d(?:-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?)?$/;

/** A number, or the time of a date in text (ISO 8601, UTC) in milliseconds since 1970; NaN for others. */
function placeOf(value: unknown): number {
  if (typeof value !== 'string') return Number(value ?? Number.NaN);
  if (!DATE.test(value)) return Number.NaN;
  return Date.parse(value.length > 10 && !value.endsWith('Z') ? `${value.replace(' ', 'T')}Z` : value.replace(' ', 'T'));
}

function areDates(values: ArrayLike<unknown> | undefined): boolean {
  const texts = Array.from(values ?? []).filter((value) => value !== null && value !== undefined);
  return texts.length > 0 && texts.every((value) => typeof value === 'string' && !Number.isNaN(placeOf(value)));
}

/** The columns to draw: along the joined column of numbers or dates with the most values; the others are groups. */
function axesOf(table: OutputTable, { comparison, observed }: Compared): BandAxes | undefined {
  const columns = comparison ?? guessColumns(table, observed);
  const valuesIn = readerOf(table);
  const isNumeric = (name: string) => ArrayBuffer.isView(valuesIn(name));
  if (columns === undefined || !isNumeric(columns.value)) return undefined;
  const spread = (name: string) => new Set(Array.from(observed?.[name] ?? valuesIn(name)!)).size;
  const x = columns.join
    .filter((name) => isNumeric(name) || areDates(valuesIn(name)))
    .reduce<string | undefined>((most, name) => (most === undefined || spread(name) >= spread(most) ? name : most), undefined);
  return x === undefined ? undefined : { ...columns, x, hasDates: !isNumeric(x), by: columns.join.filter((name) => name !== x) };
}

/**
 * The columns of a target that does not name them: x is the first column of numbers or dates that output and data share, else the output's first; y the next
 * of numbers that they share, else the next of each.
 */
function guessColumns({ columns }: OutputTable, observed: Observed | undefined): Columns | undefined {
  const numbers = columns.filter(({ values }) => ArrayBuffer.isView(values)).map(({ name }) => name);
  const known = Object.keys(observed ?? {});
  const places = columns.filter(({ values }) => ArrayBuffer.isView(values) || areDates(values)).map(({ name }) => name);
  const x = places.find((name) => known.includes(name)) ?? places[0];
  const y = numbers.find((name) => name !== x && known.includes(name)) ?? numbers.find((name) => name !== x);
  if (x === undefined || y === undefined) return undefined;
  const other = () => known.find((name) => name !== x && typeof observed![name]![0] === 'number');
  return { join: [x], value: y, observed_value: known.includes(y) ? y : other() };
}

type Group = readonly unknown[];

/** The groups of the observed data, in their order; one group without columns where nothing is grouped. */
function groupsOf({ by }: BandAxes, observed: Observed | undefined): Group[] {
  if (by.length === 0) return [[]];
  const rows = observed?.[by[0]!]?.length ?? 0;
  const groups = new Map<string, Group>();
  for (let row = 0; row < rows; row++) {
    const group = by.map((name) => observed![name]?.[row]);
    groups.set(keyOf(group), group);
  }
  return [...groups.values()];
}

function keyOf(group: Group): string {
  return JSON.stringify(group.map(String));
}

type Reader = (name: string) => ArrayLike<unknown> | undefined;

/** Whether a row is of a group. */
function membersOf(group: Group, by: readonly string[], valuesIn: Reader): (row: number) => boolean {
  const key = keyOf(group);
  const columns = by.map(valuesIn);
  return (row) => by.length === 0 || keyOf(columns.map((values) => values?.[row])) === key;
}

/** The rows of a group, and how many of them each replicate has. */
function rowsIn({ rows }: OutputTable, isIn: (row: number) => boolean) {
  const found: number[] = [];
  const counts = Array.from(rows, () => 0);
  for (let replicate = 0, row = 0; replicate < rows.length; replicate++) {
    for (const end = row + rows[replicate]!; row < end; row++) {
      if (!isIn(row)) continue;
      found.push(row);
      counts[replicate] = counts[replicate]! + 1;
    }
  }
  return { found, counts };
}

function bandOf(table: OutputTable, axes: BandAxes, group: Group): Omit<BandSet, 'paramId' | 'loss'> | undefined {
  const valuesIn = readerOf(table);
  const xs = valuesIn(axes.x);
  const ys = simulatedIn(table, axes);
  if (xs === undefined || ys === undefined) return undefined;
  const { found, counts } = rowsIn(table, membersOf(group, axes.by, valuesIn));
  const inFirst = found.slice(0, counts.find((count) => count > 0) ?? 0).map((row) => xs[row]);
  if (new Set(inFirst).size < inFirst.length) return undefined;
  const byX = new Map<number, number[]>();
  for (const row of found) {
    const [place, value] = [placeOf(xs[row]), ys(row)];
    if (!Number.isFinite(place) || !Number.isFinite(value)) continue;
    const held = byX.get(place);
    if (held === undefined) byX.set(place, [value]);
    else held.push(value);
  }
  if (byX.size === 0) return undefined;
  const places = thinned([...byX.keys()].sort((a, b) => a - b));
  return { replicates: counts.filter((count) => count > 0).length, ...quantilesAt(places, byX) };
}

function thinned<T>(points: readonly T[]): T[] {
  const step = Math.ceil(points.length / MOST_POINTS) || 1;
  return points.filter((_, k) => k % step === 0);
}

function readerOf({ columns }: OutputTable): Reader {
  return (name) => columns.find((column) => column.name === name)?.values as ArrayLike<unknown> | undefined;
}

/** Quantiles of the values at each place; sorts them. */
function quantilesAt(places: readonly number[], byX: ReadonlyMap<number, number[]>) {
  for (const place of places) byX.get(place)!.sort((a, b) => a - b);
  const at = (share: number) => places.map((place) => quantile(byX.get(place)!, share));
  return { x: places, q05: at(0.05), q25: at(0.25), q50: at(0.5), q75: at(0.75), q95: at(0.95) };
}

function simulatedIn(table: OutputTable, { value, trials }: Columns) {
  return measured(value, trials, readerOf(table));
}

function observedIn(observed: Observed, { observed_value, observed_trials }: Columns) {
  return observed_value === undefined ? undefined : measured(observed_value, observed_trials, (name) => observed[name]);
}

/** The value of a row; a share if it has trials. */
function measured(name: string, trials: string | number | undefined, valuesIn: Reader): ((row: number) => number) | undefined {
  const values = valuesIn(name);
  if (values === undefined) return undefined;
  if (trials === undefined) return (row) => Number(values[row] ?? Number.NaN);
  const counts = typeof trials === 'number' ? undefined : valuesIn(trials);
  if (typeof trials === 'string' && counts === undefined) return undefined;
  return (row) => Number(values[row] ?? Number.NaN) / Number(counts?.[row] ?? trials);
}

function observedPoints(observed: Observed, axes: BandAxes, group: Group): Bands['observed'] {
  const places = observed[axes.x];
  const values = observedIn(observed, axes);
  if (places === undefined || values === undefined) return undefined;
  const isIn = membersOf(group, axes.by, (name) => observed[name]);
  const points = thinned(
    Array.from(places, (place, row) => ({ row, x: placeOf(place), y: values(row) })).filter(
      ({ row, x, y }) => Number.isFinite(x) && Number.isFinite(y) && isIn(row),
    ),
  );
  return { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
}
