import { area, line } from 'd3-shape';
import { type Axis, dateAxis, numberAxis } from '../numbers/axis.ts';
import { at, numberText } from '../numbers/number-text.ts';
import { rangeOf } from '../numbers/order.ts';
import { html } from '../page/html.ts';
import type { BandSet, Bands } from '../report-data.ts';
import { axes, type Frame, panelOf, xIn, yIn } from './frame.ts';
import { fileName, type Plot } from './plot.ts';

const { size, frame } = panelOf(340, 250);

/** One plot for each of the best sets of a target: quantiles of the replicates and observed points. All share their axes. One plot of all sets for a single value. @param name of their files, without the rank */
export function bandPlots(bands: Bands, name: string): Plot[] {
  const { target, output, xName, yName, hasDates, group, observed, sets } = bands;
  if (bands.isSingle) return [valuesPlot(bands, name)];
  const axisOf = (title: string, values: readonly (readonly number[])[]) =>
    numberAxis(title, ...rangeOf(Float64Array.from(values.flat())), false);
  const xs = [...sets.map((set) => set.x), observed?.x ?? []];
  const x = hasDates ? dateAxis(xName, ...rangeOf(Float64Array.from(xs.flat()))) : axisOf(xName, xs);
  const y = axisOf(yName, [...sets.flatMap((set) => [set.q05, set.q95]), observed?.y ?? []]);
  return sets.map((set, rank) => ({
    name: fileName(name, String(rank + 1)),
    title: `${output} of set ${rank + 1} for ${target}${group === undefined ? '' : `, ${group}`}`,
    description: `Quantiles of ${set.replicates} replicates of ${set.paramId.slice(0, 8)}${observed === undefined ? '' : ` and ${observed.x.length} observed points`}; loss ${numberText(set.loss)}.`,
    ...size,
    marks: html`${axes(frame, x, y)}${bandPaths(set, x, y)}<g class="observed">${(observed?.x ?? []).map(
      (value, k) =>
        Number.isFinite(observed!.y[k]!) &&
        html`<circle cx="${at(xIn(frame, x.place(value)))}" cy="${at(yIn(frame, y.place(observed!.y[k]!)))}" r="2.4" data-tip="${xName} ${x.text(value)}: observed ${numberText(observed!.y[k]!)}${simulatedAt(set, value)}"/>`,
    )}</g>`,
  }));
}

const ROW = 40;

/** The quantiles of a single value, a row for each set, and the observed value. */
function valuesPlot({ target, output, yName, observed, sets }: Bands, name: string): Plot {
  const inner: Frame = { ...frame, top: 10, height: sets.length * ROW };
  const x = numberAxis(
    yName,
    ...rangeOf(Float64Array.from([...sets.flatMap(({ q05, q95 }) => [...q05, ...q95]), ...(observed?.y ?? [])])),
    false,
  );
  const place = (rank: number) => 1 - (rank + 0.5) / sets.length;
  const ranks: Axis = { ...x, ticks: () => sets.map((_, rank) => ({ place: place(rank), label: `#${rank + 1}` })) };
  const left = (value: number) => at(xIn(inner, x.place(value)));
  const rows = sets.map(({ q05, q25, q50, q75, q95, loss, replicates }, rank) => {
    const y = yIn(inner, place(rank));
    const box = (mark: string, low: number, high: number) =>
      html`<path class="${mark}" d="M${left(low)} ${at(y - 11)}H${left(high)}v22H${left(low)}z"/>`;
    const words = `#${rank + 1}, loss ${numberText(loss)}: simulated ${numberText(q50[0]!)} (${numberText(q05[0]!)} to ${numberText(q95[0]!)}), ${replicates} replicates`;
    return html`<g data-tip="${words}"><rect class="hit" x="${inner.left}" y="${at(y - ROW / 2)}" width="${inner.width}" height="${ROW}"/>${box('band90', q05[0]!, q95[0]!)}${box('band50', q25[0]!, q75[0]!)}<path class="band-median" d="M${left(q50[0]!)} ${at(y - 11)}v22"/></g><g class="observed">${(observed?.y ?? []).map((value) => html`<circle cx="${left(value)}" cy="${at(y)}" r="3.4" data-tip="observed ${numberText(value)}"/>`)}</g>`;
  });
  return {
    name,
    title: `${yName} of the best sets for ${target}, output ${output}`,
    description: `Quantiles over the replicates${observed === undefined ? '' : `; observed ${observed.y.map(numberText).join(', ')}`}.`,
    width: size.width,
    height: inner.height + 54,
    marks: html`${axes(inner, x, ranks, { x: yName, y: '' })}${rows}`,
  };
}

function simulatedAt({ x, q05, q50, q95 }: BandSet, value: number): string {
  const k = x.indexOf(value);
  return k < 0 ? '' : `, simulated ${numberText(q50[k]!)} (${numberText(q05[k]!)} to ${numberText(q95[k]!)})`;
}

function bandPaths(set: BandSet, x: Axis, y: Axis) {
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
