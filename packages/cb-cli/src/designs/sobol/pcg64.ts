import { seedSequenceWords } from './seed-sequence.ts';

const MULTIPLIER = 47026247687942121848144207491837523525n;
const MASK_128 = (1n << 128n) - 1n;
const MASK_64 = (1n << 64n) - 1n;

/**
 * The 64-bit words of NumPy's `default_rng(seed)`: PCG XSL-RR 128/64 (M. E. O'Neill, 2014), seeded by a SeedSequence.
 * `seed` is any whole number from 0.
 */
export function createPcg64(seed: bigint): () => bigint {
  const words = seedSequenceWords(seed, 8);
  const word64 = (at: number) => (BigInt(words[2 * at + 1]!) << 32n) | BigInt(words[2 * at]!);
  const increment = ((((word64(2) << 64n) | word64(3)) << 1n) | 1n) & MASK_128;
  const step = (state: bigint) => (state * MULTIPLIER + increment) & MASK_128;
  let state = step((increment + ((word64(0) << 64n) | word64(1))) & MASK_128);
  return () => {
    state = step(state);
    const folded = (state >> 64n) ^ (state & MASK_64);
    const turn = state >> 122n;
    return ((folded >> turn) | (folded << (64n - turn))) & MASK_64;
  };
}

/**
 * Random bits as NumPy's `integers(2, dtype=uint32)` draws them: the top bit of each 32-bit half of the stream, the low half first.
 * (Lemire's method for a range of two never rejects.)
 */
export function createBits(nextUint64: () => bigint): () => 0 | 1 {
  let high: bigint | undefined;
  return () => {
    if (high !== undefined) {
      const bit = high;
      high = undefined;
      return bit === 1n ? 1 : 0;
    }
    const word = nextUint64();
    high = word >> 63n;
    return ((word >> 31n) & 1n) === 1n ? 1 : 0;
  };
}
