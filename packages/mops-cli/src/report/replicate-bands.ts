import type { BandSet, Bands, TargetLosses } from '@modelops/report';
import type { OutputTable, ProvenanceStore } from '@modelops/store';
import type { RowOrigin } from './loss-table.ts';

/** Columns of observed data. */
export type Observed = Readonly<Record<string, ArrayLike<unknown>>>;

/** Sets of a target whose simulations are shown. */
const SETS = 3;
/** Points along x, at most. */
const MOST_POINTS = 240;

/**
 * Quantiles over the replicates of the best sets of a target. Undefined where the output has no two columns of numbers, or several rows at one x in a
 * replicate: age groups or regions would run into one band.
 */
export async function replicateBands(
  target: TargetLosses,
  origins: readonly RowOrigin[],
  observed: Observed | undefined,
  { readOutput }: Pick<ProvenanceStore, 'readOutput'>,
): Promise<Bands | undefined> {
  const best = lowestRows(target.losses);
  const first = best[0] === undefined ? undefined : origins[best[0]];
  const output = first?.job.spec.binding.targets.find(({ name }) => name === target.name)?.output;
  if (output === undefined) return undefined;
  let axes: BandAxes | undefined;
  const sets: BandSet[] = [];
  for (const row of best) {
    const { job, set } = origins[row]!;
    const { start, end } = job.tasks.groupAt(set);
    const ids = Array.from({ length: end - start }, (_, k) => job.tasks.idAt(start + k));
    const { table } = await readOutput(job.sims, ids, output);
    axes ??= chooseAxes(table, observed);
    if (axes === undefined || hasGroups(table, axes)) return undefined;
    const band = bandOf(table, axes);
    if (band !== undefined) sets.push({ ...band, paramId: job.tasks.paramsAt(set).param_id, loss: target.losses[row]! });
  }
  if (axes === undefined || sets.length === 0) return undefined;
  return { target: target.name, output, xName: axes.x, yName: axes.y, observed: observed && observedPoints(observed, axes), sets };
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

interface BandAxes {
  readonly x: string;
  readonly y: string;
  /** Its column in the observed data. */
  readonly observedY: string | undefined;
}

/**
 * The columns to draw. A bundle does not say by which columns a target joins: x is the first column of numbers that output and data share, else the
 * output's first; y the next that they share, else the next of each.
 */
function chooseAxes({ columns }: OutputTable, observed: Observed | undefined): BandAxes | undefined {
  const numbers = columns.filter(({ values }) => ArrayBuffer.isView(values)).map(({ name }) => name);
  const known = Object.keys(observed ?? {});
  const shared = numbers.filter((name) => known.includes(name));
  const x = shared[0] ?? numbers[0];
  const y = shared.find((name) => name !== x) ?? numbers.find((name) => name !== x);
  if (x === undefined || y === undefined) return undefined;
  const observedY = !known.includes(x)
    ? undefined
    : known.includes(y)
      ? y
      : known.find((name) => name !== x && typeof observed![name]![0] === 'number');
  return { x, y, observedY };
}

/** Whether the first replicate has two rows with the same x. */
function hasGroups({ rows, columns }: OutputTable, { x }: BandAxes): boolean {
  const values = columns.find(({ name }) => name === x)!.values;
  const first = Array.from({ length: rows[0] ?? 0 }, (_, row) => values[row]);
  return new Set(first).size < first.length;
}

function bandOf({ rows, columns }: OutputTable, { x, y }: BandAxes): Omit<BandSet, 'paramId' | 'loss'> | undefined {
  const valuesOf = (name: string) => columns.find((column) => column.name === name)?.values as ArrayLike<number | bigint> | undefined;
  const [xs, ys] = [valuesOf(x), valuesOf(y)];
  if (xs === undefined || ys === undefined) return undefined;
  const byX = new Map<number, number[]>();
  for (let row = 0; row < xs.length; row++) {
    const [place, value] = [Number(xs[row]), Number(ys[row])];
    if (!Number.isFinite(place) || !Number.isFinite(value)) continue;
    const held = byX.get(place);
    if (held === undefined) byX.set(place, [value]);
    else held.push(value);
  }
  const all = [...byX.keys()].sort((a, b) => a - b);
  const step = Math.ceil(all.length / MOST_POINTS);
  const places = all.filter((_, k) => k % step === 0);
  for (const place of places) byX.get(place)!.sort((a, b) => a - b);
  const at = (share: number) => places.map((place) => quantile(byX.get(place)!, share));
  const replicates = rows.filter((count) => count > 0).length;
  return { replicates, x: places, q05: at(0.05), q25: at(0.25), q50: at(0.5), q75: at(0.75), q95: at(0.95) };
}

/** Linear between order statistics. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  return sorted[low]! + (place - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
}

function observedPoints(observed: Observed, { x, observedY }: BandAxes): Bands['observed'] {
  if (observedY === undefined) return undefined;
  const points = Array.from(observed[x]!, (place, k) => [Number(place), Number(observed[observedY]![k])] as const).filter(
    ([place, value]) => Number.isFinite(place) && Number.isFinite(value),
  );
  const step = Math.ceil(points.length / MOST_POINTS) || 1;
  const kept = points.filter((_, k) => k % step === 0);
  return { x: kept.map(([place]) => place), y: kept.map(([, value]) => value) };
}
