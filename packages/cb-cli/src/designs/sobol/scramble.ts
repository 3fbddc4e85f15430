import { SOBOL_BITS } from './direction-numbers.ts';
import { createBits, createPcg64 } from './pcg64.ts';

/**
 * Matoušek's linear matrix scramble and a digital shift, in the order in which SciPy 1.10 draws its random bits:
 * all shifts, lowest bit first, then a matrix for each dimension, row by row. J. Matoušek, "On the L2-discrepancy for anchored boxes" (1998).
 * The shifts are the first point of the sequence, by which every other point is shifted.
 */
export function scrambleDirections(directions: readonly Uint32Array[], seed: bigint) {
  const nextBit = createBits(createPcg64(seed));
  const shifts = new Uint32Array(directions.length).map(() => drawBits(nextBit));
  return { directions: directions.map((row) => scrambleRow(row, drawMatrix(nextBit))), shifts };
}

function drawBits(nextBit: () => 0 | 1): number {
  let bits = 0;
  for (let at = 0; at < SOBOL_BITS; at++) bits |= nextBit() << at;
  return bits;
}

/** Lower triangular with ones on the diagonal; row p as bits, its column k being the coefficient of the k-th most significant bit. */
function drawMatrix(nextBit: () => 0 | 1): Uint32Array {
  const rows = new Uint32Array(SOBOL_BITS);
  for (let p = 0; p < SOBOL_BITS; p++) {
    let row = 0;
    // Bits above the diagonal are drawn and discarded, as in SciPy.
    for (let k = 0; k < SOBOL_BITS; k++) {
      const bit = nextBit();
      if (k < p) row |= bit << (SOBOL_BITS - 1 - k);
    }
    rows[p] = row | (1 << (SOBOL_BITS - 1 - p));
  }
  return rows;
}

function scrambleRow(directions: Uint32Array, matrix: Uint32Array): Uint32Array {
  return directions.map((direction) => {
    let scrambled = 0;
    for (let p = 0; p < SOBOL_BITS; p++) scrambled |= parity(matrix[p]! & direction) << (SOBOL_BITS - 1 - p);
    return scrambled;
  });
}

function parity(word: number): number {
  let bits = word ^ (word >>> 16);
  bits ^= bits >>> 8;
  bits ^= bits >>> 4;
  bits ^= bits >>> 2;
  return (bits ^ (bits >>> 1)) & 1;
}
