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
    return [
      {
        target,
        output: one.output,
        xName: axes.x,
        yName: axes.y.isShare ? `share ${axes.y.name}` : axes.y.name,
        ...(axes.hasDates ? { hasDates: true } : {}),
        ...(label === '' ? {} : { group: label, groups: groups.length }),
        observed,
        sets,
      },
    ];
  });
}

/** A column of counts or values, and what it is divided by. */
interface Measure {
  readonly name: string;
  readonly trials?: string | number | undefined;
}

interface BandAxes {
  readonly x: string;
  /** The values of x are dates in text. */
  readonly hasDates: boolean;
  readonly y: Measure & { readonly isShare: boolean };
  /** Undefined if the observed data have no column for y. */
  readonly observedY: Measure | undefined;
  /** Columns of groups. */
  readonly by: readonly string[];
}

/** A single value of each replicate, and the observed one. */
function valuesOf(target: string, { output, observed }: Compared, comparison: Comparison, tables: readonly SetTable[]): Bands[] {
  const { value, observed_value, trials, observed_trials } = comparison;
  const sets = tables.flatMap(({ table, paramId, loss }): BandSet[] => {
    const read = measured({ name: value, trials }, readerOf(table));
    const rows = table.rows.reduce((sum, count) => sum + count, 0);
    const values = read === undefined ? [] : Array.from({ length: rows }, (_, row) => read(row)).filter(Number.isFinite);
    return values.length === 0 ? [] : [{ paramId, loss, replicates: values.length, ...quantilesAt([0], new Map([[0, values]])) }];
  });
  if (sets.length === 0) return [];
  const read = observed && measured({ name: observed_value, trials: observed_trials }, (name) => observed[name]);
  const seen = read === undefined ? [] : Array.from(observed![observed_value]!, (_, row) => read(row)).filter(Number.isFinite);
  const isShare = trials !== undefined || observed_trials !== undefined;
  return [
    {
      ...{ target, output, isSingle: true, xName: '', yName: isShare ? `share ${value}` : value },
      observed: seen.length === 0 ? undefined : { x: seen.map(() => 0), y: seen },
      sets,
    },
  ];
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

/** The columns to draw: those that the target compares, along the joined column of numbers or dates with the most values; the others are groups. */
function axesOf(table: OutputTable, { comparison, observed }: Compared): BandAxes | undefined {
  if (comparison === undefined) return guessAxes(table, observed);
  const { join, value, observed_value, trials, observed_trials } = comparison;
  const columns = new Map(table.columns.map(({ name, values }) => [name, values]));
  const isNumeric = (name: string) => ArrayBuffer.isView(columns.get(name));
  if (!isNumeric(value)) return undefined;
  const spread = (name: string) => new Set(Array.from(observed?.[name] ?? columns.get(name)!)).size;
  const x = join
    .filter((name) => isNumeric(name) || areDates(columns.get(name)))
    .reduce<string | undefined>((most, name) => {
      return most === undefined || spread(name) >= spread(most) ? name : most;
    }, undefined);
  if (x === undefined) return undefined;
  const isShare = trials !== undefined || observed_trials !== undefined;
  return {
    x,
    hasDates: !isNumeric(x),
    y: { name: value, trials, isShare },
    observedY: { name: observed_value, trials: observed_trials },
    by: join.filter((name) => name !== x),
  };
}

/**
 * The columns of a target that does not name them: x is the first column of numbers or dates that output and data share, else the output's first; y the next
 * of numbers that they share, else the next of each.
 */
function guessAxes({ columns }: OutputTable, observed: Observed | undefined): BandAxes | undefined {
  const numbers = columns.filter(({ values }) => ArrayBuffer.isView(values)).map(({ name }) => name);
  const known = Object.keys(observed ?? {});
  const places = columns.filter(({ values }) => ArrayBuffer.isView(values) || areDates(values)).map(({ name }) => name);
  const shared = numbers.filter((name) => known.includes(name));
  const x = places.find((name) => known.includes(name)) ?? places[0];
  const y = shared.find((name) => name !== x) ?? numbers.find((name) => name !== x);
  if (x === undefined || y === undefined) return undefined;
  const observedY = !known.includes(x)
    ? undefined
    : known.includes(y)
      ? y
      : known.find((name) => name !== x && typeof observed![name]![0] === 'number');
  return {
    x,
    hasDates: !numbers.includes(x),
    y: { name: y, isShare: false },
    observedY: observedY === undefined ? undefined : { name: observedY },
    by: [],
  };
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

/** The rows of a group, and how many of them each replicate has. */
function rowsIn({ rows, columns }: OutputTable, by: readonly string[], group: Group) {
  const of = by.map((name) => columns.find((column) => column.name === name)?.values);
  const key = keyOf(group);
  const found: number[] = [];
  const counts = Array.from(rows, () => 0);
  for (let replicate = 0, row = 0; replicate < rows.length; replicate++) {
    for (const end = row + rows[replicate]!; row < end; row++) {
      if (by.length > 0 && keyOf(of.map((values) => values?.[row])) !== key) continue;
      found.push(row);
      counts[replicate] = counts[replicate]! + 1;
    }
  }
  return { found, counts };
}

function bandOf(table: OutputTable, axes: BandAxes, group: Group): Omit<BandSet, 'paramId' | 'loss'> | undefined {
  const columnOf = readerOf(table);
  const xs = columnOf(axes.x);
  const ys = measured(axes.y, columnOf);
  if (xs === undefined || ys === undefined) return undefined;
  const { found, counts } = rowsIn(table, axes.by, group);
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
  const all = [...byX.keys()].sort((a, b) => a - b);
  const step = Math.ceil(all.length / MOST_POINTS);
  const places = all.filter((_, k) => k % step === 0);
  return { replicates: counts.filter((count) => count > 0).length, ...quantilesAt(places, byX) };
}

function readerOf({ columns }: OutputTable): (name: string) => ArrayLike<unknown> | undefined {
  return (name) => columns.find((column) => column.name === name)?.values as ArrayLike<unknown> | undefined;
}

/** Quantiles of the values at each place; sorts them. */
function quantilesAt(places: readonly number[], byX: ReadonlyMap<number, number[]>) {
  for (const place of places) byX.get(place)!.sort((a, b) => a - b);
  const at = (share: number) => places.map((place) => quantile(byX.get(place)!, share));
  return { x: places, q05: at(0.05), q25: at(0.25), q50: at(0.5), q75: at(0.75), q95: at(0.95) };
}

/** The value of a row; a share if it has trials. */
function measured(
  { name, trials }: Measure,
  valuesOf: (name: string) => ArrayLike<unknown> | undefined,
): ((row: number) => number) | undefined {
  const values = valuesOf(name);
  if (values === undefined) return undefined;
  if (trials === undefined) return (row) => Number(values[row] ?? Number.NaN);
  const counts = typeof trials === 'number' ? undefined : valuesOf(trials);
  if (typeof trials === 'string' && counts === undefined) return undefined;
  return (row) => Number(values[row] ?? Number.NaN) / Number(counts?.[row] ?? trials);
}

function observedPoints(observed: Observed, { x, observedY, by }: BandAxes, group: Group): Bands['observed'] {
  const places = observed[x];
  const values = observedY && measured(observedY, (name) => observed[name]);
  if (places === undefined || values === undefined) return undefined;
  const key = keyOf(group);
  const points = Array.from(places, (place, row) => ({ row, x: placeOf(place), y: values(row) })).filter(
    (point) =>
      Number.isFinite(point.x) &&
      Number.isFinite(point.y) &&
      (by.length === 0 || keyOf(by.map((name) => observed[name]?.[point.row])) === key),
  );
  const step = Math.ceil(points.length / MOST_POINTS) || 1;
  const kept = points.filter((_, k) => k % step === 0);
  return { x: kept.map((point) => point.x), y: kept.map((point) => point.y) };
}
