import { type Axis, numberAxis } from '../numbers/axis.ts';
import { cellOf } from '../numbers/grid.ts';
import { at, numberText } from '../numbers/number-text.ts';
import { html } from '../page/html.ts';
import { axes, panelOf, yIn } from './frame.ts';
import { fileName, type Plot } from './plot.ts';

const { size, frame } = panelOf(520, 230);

/** The distribution of the losses. @param rows sets with a loss, the lowest first */
export function lossHistogram(target: string, axis: Axis, losses: Float64Array, rows: Uint32Array): Plot {
  const bins = Math.min(60, Math.max(8, Math.ceil(2 * Math.cbrt(rows.length))));
  const counts = new Uint32Array(bins);
  for (const row of rows) {
    const bin = cellOf(axis, bins, losses[row]!);
    counts[bin] = counts[bin]! + 1;
  }
  const highest = counts.reduce((a, b) => Math.max(a, b), 1);
  const y = numberAxis('sets', 0, highest, false);
  const width = frame.width / bins;
  const bars = [...counts].map((count, bin) => {
    const top = yIn(frame, y.place(count));
    const text = `${numberText(axis.value(bin / bins))} to ${numberText(axis.value((bin + 1) / bins))}: ${count} sets`;
    return (
      count > 0 &&
      html`<rect class="bar" x="${at(frame.left + bin * width + 0.5)}" y="${at(top)}" width="${at(width - 1)}" height="${at(frame.top + frame.height - top)}" data-tip="${text}"/>`
    );
  });
  const [best, middle] = [rows[0]!, rows[rows.length >> 1]!];
  return {
    name: fileName(target, 'losses'),
    title: `Distribution of the loss for ${target}`,
    description: `From ${numberText(losses[best]!)}; half of ${rows.length} sets lie below ${numberText(losses[middle]!)}.`,
    ...size,
    marks: html`${axes(frame, axis, y, { x: axis.isLog ? 'loss (logarithmic)' : 'loss', y: 'parameter sets' })}${bars}`,
  };
}
