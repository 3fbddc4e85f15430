import type { Axis } from '../numbers/axis.ts';
import { cellsAlong, countCells, type Grid, LEVELS, levelEdges, levelsBetween, levelsByCount, meansOf } from '../numbers/grid.ts';
import { at, numberText } from '../numbers/number-text.ts';
import { fittingLabel, fittingTitle } from '../numbers/short-name.ts';
import { type Html, html } from '../page/html.ts';
import { cellPaths, dotsPath } from './cells.ts';
import { anchorAt, type Frame, spread, xIn, yIn } from './frame.ts';
import type { Plot } from './plot.ts';

/** Up to this number of sets, coverage is drawn as dots. */
const MAX_DOTS = 400;
const GAP = 6;
const LEFT = 84;
const BOTTOM = 44;

export interface PairParameter {
  readonly name: string;
  readonly axis: Axis;
  readonly values: Float64Array;
}

export interface PairMatrix {
  readonly name: string;
  readonly title: string;
  readonly parameters: readonly PairParameter[];
  /** If given, cells show mean losses; otherwise the number of sets. */
  readonly losses?: Float64Array | undefined;
  /** A set to mark. */
  readonly best?: number | undefined;
}

/** Every pair of parameters, as the lower half of a matrix. Needs at least two parameters. */
export function pairMatrix({ name, title, parameters, losses, best }: PairMatrix): Plot {
  const n = parameters.length - 1;
  const size = n === 1 ? 380 : Math.max(96, Math.min(300, Math.floor(880 / n) - GAP));
  const count = parameters[0]!.values.length;
  const cells = Math.max(5, Math.min(losses === undefined ? 20 : 14, Math.round(Math.sqrt(count / (losses === undefined ? 6 : 4)))));
  const along = parameters.map(({ axis, values }) => {
    const own = axis.cells ?? cells;
    return [cellsAlong(axis, own, values), own] as const;
  });
  const pairs = parameters.flatMap((y, row) =>
    parameters.slice(0, row).map((x, column) => ({ x, y, row, column, grid: countCells(along[column]!, along[row]!, losses) })),
  );
  // All panels share their levels, so a pair that does not matter has one colour.
  const edges = losses === undefined ? [] : levelEdges(Float64Array.from(pairs.flatMap(({ grid }) => [...meansOf(grid)])));
  const panels = pairs.map(({ x, y, row, column, grid }) => {
    const frame: Frame = { left: LEFT + column * (size + GAP), top: 8 + (row - 1) * (size + GAP), width: size, height: size };
    const tip = losses === undefined ? coverageTip(x, y, grid) : surfaceTip(x, y, grid);
    const cellsIn = losses === undefined ? coverage(frame, grid, x, y) : surface(frame, grid, edges);
    return html`<g data-tip="${tip}"><rect class="panel" x="${frame.left}" y="${frame.top}" width="${size}" height="${size}"/>${cellsIn}${best !== undefined && marker(frame, x, y, best)}</g>`;
  });
  const side = n * (size + GAP);
  return {
    name,
    title,
    description: `${parameters.length} parameters: ${parameters.map((one) => one.name).join(', ')}.`,
    width: LEFT + side + 6,
    height: side + BOTTOM + 8,
    marks: html`${panels}${labels(parameters, size)}${(losses !== undefined || count > MAX_DOTS) && legend(n, size, losses !== undefined)}`,
  };
}

function surface(frame: Frame, grid: Grid, edges: readonly number[]): Html {
  return cellPaths(levelsBetween(meansOf(grid), edges), grid.columns, grid.rows, frame, 'l');
}

function coverage(frame: Frame, grid: Grid, x: PairParameter, y: PairParameter): Html {
  if (x.values.length > MAX_DOTS) return cellPaths(levelsByCount(grid.counts), grid.columns, grid.rows, frame, 'c');
  const inner = { left: frame.left + 3, top: frame.top + 3, width: frame.width - 6, height: frame.height - 6 };
  const points = Array.from(x.values, (value, row) => [xIn(inner, x.axis.place(value)), yIn(inner, y.axis.place(y.values[row]!))] as const);
  return dotsPath(points.filter(([a, b]) => !Number.isNaN(a + b)));
}

function marker(frame: Frame, x: PairParameter, y: PairParameter, row: number): Html | false {
  const [left, top] = [xIn(frame, x.axis.place(x.values[row]!)), yIn(frame, y.axis.place(y.values[row]!))];
  return !Number.isNaN(left + top) && html`<circle class="ring" cx="${at(left)}" cy="${at(top)}" r="5"/>`;
}

function labels(parameters: readonly PairParameter[], size: number): Html {
  const n = parameters.length - 1;
  const bottom = 8 + n * (size + GAP) - GAP;
  const few = size < 130 ? 2 : 4;
  const columns = parameters.slice(0, n).map(({ axis }, column) => {
    const frame: Frame = { left: LEFT + column * (size + GAP), top: 0, width: size, height: 0 };
    return html`${spread(ends(axis, few, size / (axis.categories === undefined ? 1 : Math.min(few, axis.categories))), size).map(({ place, label }) => html`<text x="${at(xIn(frame, place))}" y="${bottom + 14}" text-anchor="${anchorAt(place)}">${label}</text>`)}<text class="title" x="${frame.left + size / 2}" y="${bottom + 32}" text-anchor="middle">${fittingTitle(axis.title, size)}</text>`;
  });
  const rows = parameters.slice(1).map(({ axis }, row) => {
    const frame: Frame = { left: 0, top: 8 + row * (size + GAP), width: 0, height: size };
    const middle = frame.top + size / 2;
    return html`${ends(axis, few, LEFT - 6 - 22).map(({ place, label }) => html`<text x="${LEFT - 6}" y="${at(yIn(frame, place))}" dy="${place < 0.1 ? '-.1em' : place > 0.9 ? '.8em' : '.32em'}" text-anchor="end">${label}</text>`)}<text class="title" transform="translate(14 ${middle}) rotate(-90)" text-anchor="middle">${fittingTitle(axis.title, size)}</text>`;
  });
  return html`<g class="axis">${columns}${rows}</g>`;
}

/** The outer ticks of a narrow axis; all ticks of a wide one. @param width of a label */
function ends(axis: Axis, count: number, width: number) {
  const ticks = axis.ticks(count + 1).map((tick) => ({
    ...tick,
    label: axis.categories === undefined ? tick.label : fittingLabel(axis.text(axis.value(tick.place)), width),
  }));
  return ticks.length <= count ? ticks : count <= 2 ? [ticks[0]!, ticks.at(-1)!] : ticks;
}

/** The legend of the colours, in the empty upper half. */
function legend(n: number, size: number, isLoss: boolean): Html | false {
  if (n < 2) return false;
  const [width, left, top] = [18, LEFT + n * (size + GAP) - GAP - 18 * LEVELS, 10];
  const steps = Array.from(
    { length: LEVELS },
    (_, level) => html`<rect class="${isLoss ? 'l' : 'c'}${level}" x="${left + level * width}" y="${top}" width="${width}" height="10"/>`,
  );
  return html`<g class="axis legend">${steps}<text x="${left}" y="${top + 24}">${isLoss ? 'low loss' : 'few sets'}</text><text x="${left + width * LEVELS}" y="${top + 24}" text-anchor="end">${isLoss ? 'high loss' : 'many'}</text></g>`;
}

function coverageTip(x: PairParameter, y: PairParameter, { counts }: Grid): string {
  const empty = counts.filter((count) => count === 0).length;
  return `${x.name} × ${y.name}: ${empty === 0 ? 'no cell' : `${empty} of ${counts.length} cells`} without a set`;
}

function surfaceTip(x: PairParameter, y: PairParameter, { counts, sums, columns, rows }: Grid): string {
  let [best, mean] = [-1, Number.POSITIVE_INFINITY];
  counts.forEach((count, cell) => {
    if (count > 0 && sums[cell]! / count < mean) [best, mean] = [cell, sums[cell]! / count];
  });
  if (best < 0) return `${x.name} × ${y.name}: no loss`;
  const [atX, atY] = [x.axis.value(((best % columns) + 0.5) / columns), y.axis.value((Math.floor(best / columns) + 0.5) / rows)];
  return `${x.name} × ${y.name}: lowest mean loss ${numberText(mean)} near ${x.axis.text(atX)}, ${y.axis.text(atY)}`;
}
