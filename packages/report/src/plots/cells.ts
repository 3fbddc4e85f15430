import { LEVELS } from '../numbers/grid.ts';
import { at } from '../numbers/number-text.ts';
import { type Html, html } from '../page/html.ts';
import type { Frame } from './frame.ts';

/** The cells of a grid, as one path per level with neighbours joined, which keeps pages with many plots small. @param prefix class of the levels: `l` for losses, `c` for counts */
export function cellPaths(levels: Int8Array, columns: number, rows: number, frame: Frame, prefix: 'l' | 'c'): Html {
  const paths = Array.from({ length: LEVELS }, () => '');
  for (let row = 0; row < rows; row++) {
    for (let from = 0; from < columns; ) {
      const level = levels[row * columns + from]!;
      let to = from + 1;
      while (to < columns && levels[row * columns + to] === level) to += 1;
      if (level >= 0) paths[level] += `M${from} ${rows - 1 - row}h${to - from}v1h${from - to}z`;
      from = to;
    }
  }
  const scale = `translate(${at(frame.left)} ${at(frame.top)}) scale(${round(frame.width / columns)} ${round(frame.height / rows)})`;
  return html`<g class="cells" transform="${scale}">${paths.map((d, level) => d !== '' && html`<path class="${prefix}${level}" d="${d}"/>`)}</g>`;
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** Points as one path of dots. */
export function dotsPath(points: Iterable<readonly [number, number]>): Html {
  let d = '';
  for (const [x, y] of points) d += `M${at(x)} ${at(y)}h0`;
  return html`<path class="dots" d="${d}"/>`;
}
