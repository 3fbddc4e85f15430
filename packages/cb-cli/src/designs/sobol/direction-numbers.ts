import joeKuo from './joe-kuo.json';

/** Bits of a coordinate; coordinates are multiples of 2^-30, as in SciPy 1.10. */
export const SOBOL_BITS = 30;
export const MAX_SOBOL_DIMENSIONS = joeKuo.polynomials.length;

/**
 * Direction numbers of each dimension, most significant first, each a whole number below 2^30.
 * Joe and Kuo, "Constructing Sobol sequences with better two-dimensional projections" (2008); recurrence of Bratley and Fox (1988).
 */
export function directionNumbers(dimensions: number): Uint32Array[] {
  return Array.from({ length: dimensions }, (_, dimension) => directionsOf(joeKuo.polynomials[dimension]!, joeKuo.initial[dimension]!));
}

function directionsOf(polynomial: number, initial: readonly number[]): Uint32Array {
  const degree = 31 - Math.clz32(polynomial);
  const directions = new Uint32Array(SOBOL_BITS).fill(1);
  // The first dimension (degree 0) is the van der Corput sequence: every number is 1.
  if (degree > 0) {
    directions.set(initial.slice(0, SOBOL_BITS));
    for (let j = degree; j < SOBOL_BITS; j++) {
      let next = directions[j - degree]!;
      for (let k = 1; k <= degree; k++) {
        if ((polynomial >>> (degree - k)) & 1) next ^= directions[j - k]! << k;
      }
      directions[j] = next;
    }
  }
  return directions.map((value, j) => value << (SOBOL_BITS - 1 - j));
}
