import { quantile } from '@modelops/sdk/internal';
import { at } from '../numbers/number-text.ts';
import { rangeOf } from '../numbers/order.ts';
import { fittingLabel, fittingTitle } from '../numbers/short-name.ts';
import { html } from '../page/html.ts';
import type { PairParameter } from './pair-matrix.ts';
import { fileName, type Plot } from './plot.ts';

const WIDTH = 520;
const ROW = 34;
/** Room for the ends of a range: ten characters, the longest number. */
const ENDS = 74;
const LEFT = 120 + ENDS;
const RIGHT = 8 + ENDS;

/** The share of sets that count as the best, and their minimum number. */
const BEST_SHARE = 0.05;
const MIN_BEST = 5;

/** Number of sets in the profile. @param rows the lowest losses first */
export function profileSize(rows: Uint32Array): number {
  return Math.min(rows.length, Math.max(MIN_BEST, Math.round(rows.length * BEST_SHARE)));
}

/** Where the best sets lie in the range of each parameter: their extent, their middle 80 %, their median, and the best set. */
export function bestProfile(target: string, parameters: readonly PairParameter[], rows: Uint32Array): Plot {
  const chosen = rows.subarray(0, profileSize(rows));
  const width = WIDTH - LEFT - RIGHT;
  const x = (place: number) => at(LEFT + place * width);
  const lines = parameters.map(({ name, axis, values }, row) => {
    const y = 30 + row * ROW;
    const places = Float64Array.from(chosen, (one) => axis.place(values[one]!))
      .filter((place) => !Number.isNaN(place))
      .sort();
    if (places.length === 0) return html``;
    const [low, middle, high] = [0.1, 0.5, 0.9].map((share) => quantile(places, share)) as [number, number, number];
    const ends = rangeOf(values);
    const best = axis.place(values[rows[0]!]!);
    const words = `${name}: the best ${places.length} sets lie between ${axis.text(axis.value(places[0]!))} and ${axis.text(axis.value(places.at(-1)!))}, the best at ${axis.text(values[rows[0]!]!)}`;
    return html`<g data-tip="${words}"><rect class="hit" x="0" y="${y - ROW / 2}" width="${WIDTH}" height="${ROW}"/><text class="title" x="${LEFT - ENDS - 10}" y="${y}" dy=".32em" text-anchor="end">${fittingTitle(name, LEFT - ENDS - 14)}</text><text x="${LEFT - 8}" y="${y}" dy=".32em" text-anchor="end">${fittingLabel(axis.text(ends[0]), ENDS)}</text><text x="${LEFT + width + 8}" y="${y}" dy=".32em">${fittingLabel(axis.text(ends[1]), ENDS)}</text><path class="range" d="M${LEFT} ${y}h${width}"/><path class="spread" d="M${x(places[0]!)} ${y}H${x(places.at(-1)!)}"/><path class="middle" d="M${x(low)} ${y}H${x(Math.max(high, low + 0.004))}"/><path class="median" d="M${x(middle)} ${y - 8}v16"/>${!Number.isNaN(best) && html`<circle class="best" cx="${x(best)}" cy="${y}" r="4.5"/>`}</g>`;
  });
  return {
    name: fileName(target, 'profile'),
    title: `Where the best sets for ${target} lie`,
    description: `The best ${chosen.length} of ${rows.length} sets in the range of each parameter.`,
    width: WIDTH,
    height: 30 + parameters.length * ROW,
    marks: html`<g class="axis profile">${lines}</g>`,
  };
}
