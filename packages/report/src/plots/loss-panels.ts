import { line } from 'd3-shape';
import type { Axis } from '../numbers/axis.ts';
import { cellOf, cellsAlong, countCells, levelsByCount } from '../numbers/grid.ts';
import { at } from '../numbers/number-text.ts';
import { html } from '../page/html.ts';
import { cellPaths } from './cells.ts';
import { axes, panelOf, xIn, yIn } from './frame.ts';
import type { PairParameter } from './pair-matrix.ts';
import { fileName, type Plot } from './plot.ts';

/** Up to this number of sets, each set is a dot with a tooltip; of more, cells show counts. */
const MAX_DOTS = 400;
/** Number of best sets drawn as dots over the cells. */
const BEST_DOTS = 20;
const { size, frame } = panelOf(340, 230);

export interface LossPanel {
  readonly target: string;
  readonly parameter: PairParameter;
  readonly loss: { readonly axis: Axis; readonly values: Float64Array };
  /** Sets with a loss, the lowest first. */
  readonly rows: Uint32Array;
}

/** The loss of each set against one parameter, with the lowest loss found in each part of its range. */
export function lossPanel(panel: LossPanel): Plot {
  const { target, parameter, loss, rows } = panel;
  const xOf = (row: number) => xIn(frame, parameter.axis.place(parameter.values[row]!));
  const yOf = (row: number) => yIn(frame, loss.axis.place(loss.values[row]!));
  const isDotted = rows.length <= MAX_DOTS;
  const dots = [...rows.subarray(0, isDotted ? rows.length : BEST_DOTS)].filter((row) => !Number.isNaN(parameter.values[row]!));
  const lowest = lowestAlong(panel, isDotted ? 12 : 24);
  const path = line<readonly [number, number]>(
    ([x]) => Number(at(xIn(frame, x))),
    ([, y]) => Number(at(yIn(frame, y))),
  )(lowest);
  const best = rows[0]!;
  return {
    name: fileName(target, 'loss', parameter.name),
    title: `Loss for ${target} against ${parameter.name}`,
    description: `${rows.length} parameter sets. The lowest is ${loss.axis.text(loss.values[best]!)} at ${parameter.axis.text(parameter.values[best]!)}.`,
    ...size,
    marks: html`${axes(frame, parameter.axis, loss.axis, { x: parameter.axis.title, y: 'loss' })}${!isDotted && density(panel)}${
      parameter.axis.categories === undefined && html`<path class="lowest" d="${path ?? ''}"/>`
    }<g class="points">${dots
      .reverse()
      .map(
        (row) =>
          html`<circle cx="${at(xOf(row))}" cy="${at(yOf(row))}" r="${row === best ? 4.5 : 2.6}"${row === best && html` class="best"`} data-row="${row}"/>`,
      )}</g>`,
  };
}

function density({ parameter, loss }: LossPanel) {
  const columns = parameter.axis.cells ?? 40;
  const rows = 26;
  const grid = countCells(
    [cellsAlong(parameter.axis, columns, parameter.values), columns],
    [cellsAlong(loss.axis, rows, loss.values), rows],
  );
  return cellPaths(levelsByCount(grid.counts), columns, rows, frame, 'c');
}

/** Places of the lowest loss in each of `parts` of the range. */
function lowestAlong({ parameter, loss, rows }: LossPanel, parts: number): (readonly [number, number])[] {
  const lowest = new Map<number, number>();
  // The rows are sorted: the first in each part is the lowest.
  for (const row of rows) {
    const part = cellOf(parameter.axis, parts, parameter.values[row]!);
    if (part >= 0 && !lowest.has(part)) lowest.set(part, row);
  }
  return [...lowest.values()]
    .map((row) => [parameter.axis.place(parameter.values[row]!), loss.axis.place(loss.values[row]!)] as const)
    .sort(([a], [b]) => a - b);
}
