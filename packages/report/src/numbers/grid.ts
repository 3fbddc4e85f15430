import type { Axis } from './axis.ts';

/** The contents of a grid's cells, row by row from the bottom left. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly counts: Uint32Array;
  /** Sums of the weights; of ones without weights. */
  readonly sums: Float64Array;
}

/** The cell that contains a value; −1 if the value is missing. */
export function cellOf(axis: Axis, cells: number, value: number): number {
  const place = axis.place(value);
  return Number.isNaN(place) ? -1 : Math.min(cells - 1, Math.max(0, Math.floor(place * cells)));
}

/** The cell of each value, computed once for all pairs of a plot. */
export function cellsAlong(axis: Axis, cells: number, values: Float64Array): Int16Array {
  const along = new Int16Array(values.length);
  for (let row = 0; row < along.length; row++) along[row] = cellOf(axis, cells, values[row]!);
  return along;
}

/** Counts rows by their cells. @param weights rows whose weight is NaN do not count */
export function countCells(
  [x, columns]: readonly [Int16Array, number],
  [y, rows]: readonly [Int16Array, number],
  weights?: Float64Array,
): Grid {
  const size = columns * rows;
  const counts = new Uint32Array(size);
  const sums = new Float64Array(size);
  for (let row = 0; row < x.length; row++) {
    const weight = weights === undefined ? 1 : weights[row]!;
    if (x[row]! < 0 || y[row]! < 0 || Number.isNaN(weight)) continue;
    const cell = y[row]! * columns + x[row]!;
    counts[cell] = counts[cell]! + 1;
    sums[cell] = sums[cell]! + weight;
  }
  return { columns, rows, counts, sums };
}

/** The number of levels of colour. */
export const LEVELS = 7;

/** The lower edges of all levels but the first; each level contains the same number of values. */
export function levelEdges(values: Float64Array): number[] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  return Array.from({ length: LEVELS - 1 }, (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / LEVELS)]!);
}

/** The level of each value, 0 (lowest) … {@link LEVELS} − 1; −1 for NaN. */
export function levelsBetween(values: Float64Array, edges: readonly number[]): Int8Array {
  return Int8Array.from(values, (value) => (Number.isNaN(value) ? -1 : edges.filter((edge) => value >= edge).length));
}

/** The mean weight of each cell; NaN for an empty one. */
export function meansOf({ counts, sums }: Grid): Float64Array {
  return Float64Array.from(counts, (count, cell) => (count === 0 ? Number.NaN : sums[cell]! / count));
}

/** The level of each count, in equal steps up to the highest; −1 for 0. */
export function levelsByCount(counts: Uint32Array): Int8Array {
  const highest = counts.reduce((a, b) => Math.max(a, b), 0);
  return Int8Array.from(counts, (count) => (count === 0 ? -1 : Math.min(LEVELS - 1, Math.floor((count / highest) * LEVELS))));
}
