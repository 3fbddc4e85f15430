import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SOBOL_DIMENSIONS } from './direction-numbers.ts';
import { createPcg64 } from './pcg64.ts';
import { createSobol, sobolColumns } from './sobol.ts';

const golden = (name: string) => JSON.parse(readFileSync(new URL(`../../../golden/${name}.json`, import.meta.url), 'utf8'));

function rowsOf(columns: readonly ArrayLike<number>[], n: number): number[][] {
  return Array.from({ length: n }, (_, at) => columns.map((column) => column[at]!));
}

function unitsOf(d: number, seed: bigint, n: number, scramble: boolean): Uint32Array[] {
  const sequence = createSobol({ dimensions: d, seed, scramble });
  return Array.from({ length: d }, (_, dimension) => {
    const units = new Uint32Array(n);
    sequence.fill(dimension, 0, units);
    return units;
  });
}

describe('Sobol sequence', () => {
  it.each(Object.entries(golden('sobol-scipy').sobol_unscrambled as Record<string, number[][]>))(
    'equals SciPy unscrambled in %s dimensions',
    (d, points) => {
      expect(rowsOf(sobolColumns(points.length, { dimensions: Number(d), scramble: false }), points.length)).toEqual(points);
    },
  );

  it.each(golden('sobol-scrambled-scipy').cases as { d: number; seed: number; n: number; points: number[][] }[])(
    'equals SciPy scrambled in $d dimensions with seed $seed',
    ({ d, seed, n, points }) => {
      expect(rowsOf(unitsOf(d, BigInt(seed), n, true), n)).toEqual(points);
    },
  );

  it.each(
    golden('sobol-more-scipy').cases as {
      d: number;
      seed: string;
      n: number;
      scramble: boolean;
      rows: Record<string, number[]>;
      checks: number[];
    }[],
  )('equals SciPy on $n points in $d dimensions with seed $seed (scramble: $scramble)', ({ d, seed, n, scramble, rows, checks }) => {
    const columns = unitsOf(d, BigInt(seed), n, scramble);
    for (const [row, values] of Object.entries(rows)) expect(columns.map((column) => column[Number(row)])).toEqual(values);
    const sums = columns.map((column) => column.reduce((sum, value, at) => (sum + ((value * ((at + 1) % 997)) % 2 ** 30)) % 2 ** 30, 0));
    expect(sums).toEqual(checks);
  });

  it('draws what NumPy draws from the same seed', () => {
    for (const { seed, uint64 } of golden('sobol-more-scipy').pcg64 as { seed: string; uint64: string[] }[]) {
      const next = createPcg64(BigInt(seed));
      expect(uint64.map(() => next().toString())).toEqual(uint64);
    }
  });

  it('gives the same points from any start', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(300), fc.boolean(), (start, count, scramble) => {
        const sequence = createSobol({ dimensions: 3, seed: 9n, scramble });
        const whole = new Uint32Array(start + count);
        const part = new Uint32Array(count);
        sequence.fill(2, 0, whole);
        sequence.fill(2, start, part);
        expect(part).toEqual(whole.slice(start));
      }),
    );
  });

  it('puts one point of 2^m into each of 2^m equal intervals of each dimension', () => {
    for (const column of sobolColumns(256, { dimensions: 40, seed: 5n })) {
      expect(new Set(column.map((value) => Math.floor(value * 256))).size).toBe(256);
    }
  });

  it('refuses dimensions that it has no numbers for', () => {
    expect(MAX_SOBOL_DIMENSIONS).toBe(2048);
    expect(() => createSobol({ dimensions: 2049 })).toThrow('1 to 2048 dimensions');
    expect(() => createSobol({ dimensions: 0 })).toThrow('1 to 2048 dimensions');
  });
});
