import type { Rng } from '@modelops/sdk';
import { permutation, shuffle } from '../stream.ts';

/** Where points are in their cells: anywhere, or in the middle. */
export type Place = 'random' | 'centred';

/** A column of a Latin hypercube: one coordinate in each of `n` equal cells of [0, 1), in random order. McKay, Beckman and Conover (1979). */
export function latinColumn(n: number, place: Place, rng: Rng): Float64Array {
  return placed(permutation(n, rng), n, place, rng);
}

/** A column of `2 n` values that begins with the `n` given ones; the new values fill the empty halves of the cells, in random order. */
export function doubledColumn(column: Float64Array, place: Place, rng: Rng): Float64Array {
  const n = column.length;
  // If a value is at the boundary of two halves, rounding decides; the other half is free.
  const taken = new Set(Array.from(column, (value) => halfOf(value, n)));
  const free = Uint32Array.from({ length: n }, (_, cell) => (taken.has(2 * cell) ? 2 * cell + 1 : 2 * cell));
  const doubled = new Float64Array(2 * n);
  doubled.set(column);
  doubled.set(placed(shuffle(free, rng), 2 * n, place, rng), n);
  return doubled;
}

/**
 * A column of a sliced Latin hypercube: `slices` successive groups of `each` values; every group and the whole are Latin hypercubes.
 * P. Z. G. Qian, "Sliced Latin hypercube designs" (2012).
 */
export function slicedColumn(each: number, slices: number, place: Place, rng: Rng): Float64Array {
  const cells = Array.from({ length: slices }, () => new Uint32Array(each));
  for (let group = 0; group < each; group++) {
    const order = permutation(slices, rng);
    for (let slice = 0; slice < slices; slice++) cells[slice]![group] = group * slices + order[slice]!;
  }
  const all = new Uint32Array(each * slices);
  cells.forEach((cell, slice) => void all.set(shuffle(cell, rng), slice * each));
  return placed(all, each * slices, place, rng);
}

function placed(cells: Uint32Array, n: number, place: Place, rng: Rng): Float64Array {
  return Float64Array.from(cells, (cell) => Math.min((cell + (place === 'centred' ? 0.5 : rng.uniform())) / n, 1 - 2 ** -53));
}

function halfOf(value: number, n: number): number {
  return Math.floor(value * 2 * n);
}
