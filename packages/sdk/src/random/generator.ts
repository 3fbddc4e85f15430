import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';

const GOLDEN_GAMMA = 0x9e3779b97f4a7c15n;
const MASK = 2n ** 64n - 1n;

/**
 * xoroshiro128+ whose 128 bits of state are the first two outputs of SplitMix64 started at the seed, as its authors recommend
 * (Blackman and Vigna, https://prng.di.unimi.it/). All 64 bits of the seed are used; SplitMix64 is a bijection, so no two seeds share a state.
 */
export function createGenerator(seed: bigint): JumpableRandomGenerator {
  const first = splitMix64(seed + GOLDEN_GAMMA);
  const second = splitMix64(seed + 2n * GOLDEN_GAMMA);
  return xoroshiro128plusFromState([high(first), low(first), high(second), low(second)]);
}

function splitMix64(counter: bigint): bigint {
  let z = counter & MASK;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return z ^ (z >> 31n);
}

const high = (word: bigint): number => Number(word >> 32n) | 0;
const low = (word: bigint): number => Number(word & 0xffffffffn) | 0;
