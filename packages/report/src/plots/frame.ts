import type { Axis } from '../numbers/axis.ts';
import { at } from '../numbers/number-text.ts';
import { fittingTitle, labelWidth } from '../numbers/short-name.ts';
import { type Html, html } from '../page/html.ts';

/** The inner rectangle of a plot. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The size of a plot with one pair of axes, and the rectangle inside them. */
export function panelOf(width: number, height: number) {
  return { size: { width, height }, frame: { left: 46, top: 26, width: width - 56, height: height - 70 } };
}

export function xIn({ left, width }: Frame, place: number): number {
  return left + place * width;
}

export function yIn({ top, height }: Frame, place: number): number {
  return top + (1 - place) * height;
}

/** Grid lines and labels of both axes, and their titles: x below, y above the top left corner. */
export function axes(frame: Frame, x: Axis, y: Axis, titles = { x: x.title, y: y.title }): Html {
  const { left, top, width, height } = frame;
  const bottom = top + height;
  return html`<g class="axis">${y.ticks(4).map(({ place, label }) => {
    const line = at(yIn(frame, place));
    return html`<path class="grid" d="M${left} ${line}h${width}"/><text x="${left - 6}" y="${line}" dy=".32em" text-anchor="end">${label}</text>`;
  })}${spread(x.ticks(width < 260 ? 4 : 6), width).map(
    ({ place, label }) => html`<text x="${at(xIn(frame, place))}" y="${bottom + 16}" text-anchor="${anchorAt(place)}">${label}</text>`,
  )}<path class="base" d="M${left} ${bottom}h${width}"/><text class="title" x="${left + width / 2}" y="${bottom + 34}" text-anchor="middle">${fittingTitle(titles.x, width)}</text><text class="title" x="4" y="${top - 10}">${fittingTitle(titles.y, left + width - 4)}</text></g>`;
}

/** A label near an end of the axis stays inside. */
export function anchorAt(place: number): 'start' | 'middle' | 'end' {
  return place < 0.06 ? 'start' : place > 0.94 ? 'end' : 'middle';
}

const SHIFT = { start: 0, middle: 0.5, end: 1 };
const BETWEEN_LABELS = 7;

/** The ticks whose labels do not overlap. */
export function spread<T extends { readonly place: number; readonly label: string }>(ticks: readonly T[], width: number): T[] {
  const kept: T[] = [];
  let right = Number.NEGATIVE_INFINITY;
  for (const tick of ticks) {
    const size = labelWidth(tick.label);
    const left = tick.place * width - SHIFT[anchorAt(tick.place)] * size;
    if (left < right + BETWEEN_LABELS && kept.length > 0) continue;
    kept.push(tick);
    right = left + size;
  }
  return kept;
}
