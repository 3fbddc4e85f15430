import { area, line } from 'd3-shape';
import { type Axis, numberAxis } from '../numbers/axis.ts';
import { at, numberText } from '../numbers/number-text.ts';
import { rangeOf } from '../numbers/order.ts';
import { html } from '../page/html.ts';
import type { BandSet, Bands } from '../report-data.ts';
import { axes, type Frame, xIn, yIn } from './frame.ts';
import { fileName, type Plot } from './plot.ts';

const WIDTH = 340;
const HEIGHT = 250;
const frame: Frame = { left: 46, top: 26, width: WIDTH - 56, height: HEIGHT - 70 };

/** One plot for each of the best sets of a target: quantiles of the replicates and observed points. All share their axes. @param name of their files, without the rank */
export function bandPlots({ target, output, xName, yName, group, observed, sets }: Bands, name: string): Plot[] {
  if (sets.length === 0) return [];
  const axisOf = (title: string, values: readonly (readonly number[])[]) =>
    numberAxis(title, ...rangeOf(Float64Array.from(values.flat())), false);
  const x = axisOf(xName, [...sets.map((set) => set.x), observed?.x ?? []]);
  const y = axisOf(yName, [...sets.flatMap((set) => [set.q05, set.q95]), observed?.y ?? []]);
  return sets.map((set, rank) => ({
    name: fileName(name, String(rank + 1)),
    title: `${output} of set ${rank + 1} for ${target}${group === undefined ? '' : `, ${group}`}`,
    description: `Quantiles of ${set.replicates} replicates of ${set.paramId.slice(0, 8)}${observed === undefined ? '' : ` and ${observed.x.length} observed points`}; loss ${numberText(set.loss)}.`,
    width: WIDTH,
    height: HEIGHT,
    marks: html`${axes(frame, x, y)}${bands(set, x, y)}<g class="observed">${(observed?.x ?? []).map(
      (value, k) =>
        Number.isFinite(observed!.y[k]!) &&
        html`<circle cx="${at(xIn(frame, x.place(value)))}" cy="${at(yIn(frame, y.place(observed!.y[k]!)))}" r="2.4" data-tip="${xName} ${numberText(value)}: observed ${numberText(observed!.y[k]!)}${simulatedAt(set, value)}"/>`,
    )}</g>`,
  }));
}

function simulatedAt({ x, q05, q50, q95 }: BandSet, value: number): string {
  const k = x.indexOf(value);
  return k < 0 ? '' : `, simulated ${numberText(q50[k]!)} (${numberText(q05[k]!)} to ${numberText(q95[k]!)})`;
}

function bands(set: BandSet, x: Axis, y: Axis) {
  const places = set.x.map((_, k) => k);
  const left = (k: number) => Number(at(xIn(frame, x.place(set.x[k]!))));
  const height = (values: readonly number[]) => (k: number) => Number(at(yIn(frame, y.place(values[k]!))));
  const between = (low: readonly number[], high: readonly number[]) =>
    area<number>()
      .x(left)
      .y0(height(low))
      .y1(height(high))
      .defined((k) => Number.isFinite(low[k]!))(places) ?? '';
  const middle =
    line<number>()
      .x(left)
      .y(height(set.q50))
      .defined((k) => Number.isFinite(set.q50[k]!))(places) ?? '';
  return html`<path class="band90" d="${between(set.q05, set.q95)}"/><path class="band50" d="${between(set.q25, set.q75)}"/><path class="band-median" d="${middle}"/>`;
}
