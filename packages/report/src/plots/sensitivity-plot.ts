import { at, numberText } from '../numbers/number-text.ts';
import { fittingTitle } from '../numbers/short-name.ts';
import { html } from '../page/html.ts';
import type { Estimate } from '../sensitivity/half-samples.ts';
import type { TableSensitivity } from '../sensitivity/table-sensitivity.ts';
import { fileName, type Plot } from './plot.ts';

const WIDTH = 520;
const ROW = 34;
const LEFT = 120;
const RIGHT = 24;

/** For each parameter, the share of the loss's variance that it explains alone, and its total index or PAWN, with their intervals; the largest share first. */
export function sensitivityPlot(target: string, { method, parameters, sets }: TableSensitivity): Plot {
  const width = WIDTH - LEFT - RIGHT;
  const x = (value: number) => LEFT + Math.min(1, Math.max(0, value || 0)) * width;
  const sorted = [...parameters].sort((a, b) => (b.first.value || 0) - (a.first.value || 0));
  const bottom = 8 + sorted.length * ROW;
  const isTotal = method === 'saltelli';
  const lines = sorted.map(({ name, first, overall }, row) => {
    const y = 8 + row * ROW + ROW / 2;
    // A total has an interval of its own, below that of the bar.
    const [alone, both] = isTotal ? [y - 5, y + 9] : [y, y];
    const within = ({ low, high }: Estimate) => `(95 % interval ${percent(low)} to ${percent(high)})`;
    const more = isTotal ? `total ${percent(overall.value)} ${within(overall)}` : `PAWN ${numberText(overall.value)}`;
    const words = `${name}: alone ${percent(first.value)} of the variance ${within(first)}, ${more}`;
    return html`<g data-tip="${words}"><rect class="hit" x="0" y="${y - ROW / 2}" width="${WIDTH}" height="${ROW}"/><text class="title" x="${LEFT - 10}" y="${y}" dy=".32em" text-anchor="end">${fittingTitle(name, LEFT - 12)}</text><rect class="bar" x="${LEFT}" y="${alone - 7}" width="${at(Math.max(0.5, x(first.value || 0) - LEFT))}" height="14" rx="2"/><path class="whisker" d="M${at(x(first.low ?? first.value))} ${alone}H${at(x(first.high ?? first.value))}"/>${isTotal && html`<path class="whisker total" d="M${at(x(overall.low ?? overall.value))} ${both}H${at(x(overall.high ?? overall.value))}"/>`}<path class="diamond" d="M${at(x(overall.value || 0))} ${both - 6}l6 6l-6 6l-6 -6z"/></g>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (value) =>
      html`<path class="grid" d="M${at(x(value))} 8V${bottom}"/><text x="${at(x(value))}" y="${bottom + 16}" text-anchor="middle">${value}</text>`,
  );
  return {
    name: fileName(target, 'sensitivity'),
    title: `Sensitivity of the loss for ${target}`,
    description: `${isTotal ? 'Indices of a Saltelli design' : 'Given-data indices'} from ${sets} sets. ${sorted.map(({ name, first }) => `${name} ${percent(first.value)}`).join(', ')}.`,
    width: WIDTH,
    height: bottom + 26,
    marks: html`<g class="axis sensitivity">${ticks}${lines}</g>`,
  };
}

export function percent(share: number | null): string {
  return share === null || !Number.isFinite(share) ? '–' : `${Math.round(100 * share)} %`;
}
