import { numberAxis } from '../numbers/axis.ts';
import { at, numberText } from '../numbers/number-text.ts';
import { rangeOf } from '../numbers/order.ts';
import { html } from '../page/html.ts';
import { axes, panelOf, xIn, yIn } from './frame.ts';
import { fileName, type Plot } from './plot.ts';

const { size, frame } = panelOf(340, 340);
/** Maximum number of dots. */
const MAX_DOTS = 2_000;

export interface PairedLosses {
  readonly target: string;
  readonly a: string;
  readonly b: string;
  /** Losses of the sets that the jobs share. */
  readonly losses: readonly (readonly [number, number])[];
}

/** The losses of two jobs at the sets that they share: below the diagonal, the second is better. */
export function comparisonPlot({ target, a, b, losses }: PairedLosses): Plot {
  const [low, high] = rangeOf(Float64Array.from(losses.flat()));
  const axis = numberAxis('', low, high, low > 0 && high / low > 30);
  const step = Math.max(1, Math.ceil(losses.length / MAX_DOTS));
  const dots = losses.filter((_, k) => k % step === 0);
  const better = losses.filter(([x, y]) => y < x).length;
  return {
    name: fileName(target, 'compare', a, b),
    title: `Losses for ${target} of ${a} and ${b}`,
    description: `${losses.length} sets; ${b} is lower in ${better}.`,
    ...size,
    marks: html`${axes(frame, axis, axis, { x: a, y: b })}<path class="range" d="M${frame.left} ${frame.top + frame.height}L${frame.left + frame.width} ${frame.top}"/><g class="points">${dots.map(
      ([x, y]) =>
        html`<circle cx="${at(xIn(frame, axis.place(x)))}" cy="${at(yIn(frame, axis.place(y)))}" r="2.4" data-tip="${numberText(x)} and ${numberText(y)}"/>`,
    )}</g>`,
  };
}
