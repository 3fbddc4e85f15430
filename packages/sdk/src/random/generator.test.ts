import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGenerator } from './generator.ts';

const MASK = 2n ** 64n - 1n;
const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & MASK;

/** SplitMix64 and xoroshiro128+ (24, 16, 37) in 64-bit arithmetic, as published; the low 32 bits of each output. */
function published(seed: bigint, count: number): number[] {
  let counter = seed;
  const splitMix = (): bigint => {
    counter = (counter + 0x9e3779b97f4a7c15n) & MASK;
    let z = counter;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return z ^ (z >> 31n);
  };
  let s0 = splitMix();
  let s1 = splitMix();
  return Array.from({ length: count }, () => {
    const output = (s0 + s1) & MASK;
    s1 ^= s0;
    s0 = rotate(s0, 24n) ^ s1 ^ ((s1 << 16n) & MASK);
    s1 = rotate(s1, 37n);
    return Number(output & 0xffffffffn) | 0;
  });
}

describe('createGenerator', () => {
  it('is xoroshiro128+ started by SplitMix64, bit for bit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MASK }), (seed) => {
        const generator = createGenerator(seed);
        expect(Array.from({ length: 20 }, () => generator.next())).toEqual(published(seed, 20));
      }),
    );
  });

  it('starts SplitMix64 with its published first outputs for seed 0', () => {
    const state = createGenerator(0n).getState();
    expect(state.map((word) => (word >>> 0).toString(16))).toEqual(['e220a839', '7b1dcdaf', '6e789e6a', 'a1b965f4']);
  });

  it('has different states for seeds that differ in any single bit', () => {
    const first = (seed: bigint): string => createGenerator(seed).getState().join();
    const seeds = Array.from({ length: 64 }, (_, bit) => first(42n ^ (1n << BigInt(bit))));
    expect(new Set([first(42n), ...seeds]).size).toBe(65);
  });
});
