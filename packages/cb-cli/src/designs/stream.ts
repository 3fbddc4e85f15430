import { createRng, type Rng } from '@modelops/sdk';
import { seedSequenceWords } from './sobol/seed-sequence.ts';

/**
 * A separate stream of random numbers for each seed and key, as NumPy spawns them: neighbouring seeds and keys are independent.
 * @param key whole numbers from 0, below 2^32.
 */
export function streamOf(seed: bigint, ...key: readonly number[]): Rng {
  const entropy = key.reduce((sum, word, at) => sum | (BigInt(word + 1) << BigInt(64 + 33 * at)), seed);
  const [low, high] = seedSequenceWords(entropy, 2);
  return createRng((BigInt(high!) << 32n) | BigInt(low!));
}

/** The numbers 0 … n − 1 in random order (Fisher and Yates). */
export function permutation(n: number, rng: Rng): Uint32Array {
  return shuffle(
    Uint32Array.from({ length: n }, (_, at) => at),
    rng,
  );
}

export function shuffle(values: Uint32Array, rng: Rng): Uint32Array {
  for (let at = values.length - 1; at > 0; at--) {
    const other = rng.uniformInt(0, at);
    const held = values[at]!;
    values[at] = values[other]!;
    values[other] = held;
  }
  return values;
}
