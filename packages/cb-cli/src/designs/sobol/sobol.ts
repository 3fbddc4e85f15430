import { ModelOpsError } from '@modelops/contracts';
import { directionNumbers, MAX_SOBOL_DIMENSIONS, SOBOL_BITS } from './direction-numbers.ts';
import { scrambleDirections } from './scramble.ts';

export interface SobolOptions {
  readonly dimensions: number;
  readonly seed?: bigint;
  readonly scramble?: boolean;
}

/** A Sobol sequence of up to 2^30 points in the unit cube. */
export interface SobolSequence {
  /**
   * Fills `into` with coordinate `dimension` of the points from `start` on, in units of 2^-30. Points do not depend on `start`:
   * a longer sample begins with a shorter one.
   */
  fill(dimension: number, start: number, into: Uint32Array): void;
}

export const MAX_SOBOL_POINTS = 2 ** SOBOL_BITS;

/**
 * The sequence of SciPy 1.10's `qmc.Sobol(dimensions, scramble=scramble, seed=seed)`, bit for bit. Scrambled by default, seed 0.
 * @throws VALUE_INVALID for fewer than 1 or more than {@link MAX_SOBOL_DIMENSIONS} dimensions.
 */
export function createSobol({ dimensions, seed = 0n, scramble = true }: SobolOptions): SobolSequence {
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_SOBOL_DIMENSIONS) {
    throw new ModelOpsError('VALUE_INVALID', `a Sobol sequence has 1 to ${MAX_SOBOL_DIMENSIONS} dimensions, not ${dimensions}`);
  }
  const plain = directionNumbers(dimensions);
  const { directions, shifts } = scramble ? scrambleDirections(plain, seed) : { directions: plain, shifts: new Uint32Array(dimensions) };
  return { fill: (dimension, start, into) => fillColumn(directions[dimension]!, shifts[dimension]!, start, into) };
}

/** A warning for a number of samples that is not a power of 2. */
export function balanceAdvice(n: number): string | undefined {
  if (Number.isInteger(Math.log2(n))) return undefined;
  const below = 2 ** Math.floor(Math.log2(n));
  return `Sobol points are balanced only for powers of 2: use ${below} or ${2 * below} samples`;
}

/** The first `n` points, one column per dimension, each coordinate in [0, 1). */
export function sobolColumns(n: number, options: SobolOptions): Float64Array[] {
  const sequence = createSobol(options);
  const units = new Uint32Array(n);
  return Array.from({ length: options.dimensions }, (_, dimension) => {
    sequence.fill(dimension, 0, units);
    return toUnit(units, new Float64Array(n));
  });
}

/** Multiples of 2^-30 as numbers in [0, 1), exactly. */
export function toUnit(units: Uint32Array, into: Float64Array): Float64Array {
  const scale = 2 ** -SOBOL_BITS;
  for (let at = 0; at < units.length; at++) into[at] = units[at]! * scale;
  return into;
}

/** Point i combines the shift with the direction numbers selected by the Gray code of i, which differs from that of i−1 in one bit (Antonov and Saleev). */
function fillColumn(directions: Uint32Array, shift: number, start: number, into: Uint32Array): void {
  if (into.length === 0) return;
  let point = shift;
  for (let gray = start ^ (start >>> 1), bit = 0; gray !== 0; gray >>>= 1, bit++) if (gray & 1) point ^= directions[bit]!;
  into[0] = point;
  for (let at = 1; at < into.length; at++) {
    const index = start + at;
    point ^= directions[31 - Math.clz32(index & -index)]!;
    into[at] = point;
  }
}
