import { parseSeed } from '@modelops/contracts';
import * as z from 'zod';
import type { DesignParameter } from '../space/parameter-space.ts';
import { type Design, YES, yes } from './design.ts';
import { type ParameterTable, scaledTable } from './parameter-table.ts';
import { checkVaries, checkWhole, nSamplesOption, readSeed, seedOption } from './settings.ts';
import { permutation, streamOf } from './stream.ts';

type Options = { readonly nSamples: number; readonly seed: string; readonly scramble: boolean };
type Settings = { readonly seed: number | string | null; readonly scramble: boolean; readonly n_samples: number };

const MAX_POINTS = 2 ** 30;
const MAX_DIMENSIONS = 10_000;

/**
 * The first points of a Halton sequence: the digits of the row number, mirrored at the radix point, in a prime base for each parameter. Scrambled by a random
 * permutation of each digit. J. H. Halton (1960); A. B. Owen, "A randomized Halton algorithm in R" (2017).
 */
export const halton: Design<Options, Settings> = {
  method: 'halton',
  supports: {
    mixed: YES,
    constraint: yes('further points of the sequence replace rejected ones'),
    extend: yes('to any number'),
    priors: YES,
  },
  examples: [
    'cb sampling halton --n 100 --seed 7 > study.json',
    'cb sampling halton models/seir.ts:StochasticSEIR --n 100 --no-scramble -o study.json',
  ],
  options: {
    nSamples: nSamplesOption('Number of parameter sets; with the same seed, a larger number keeps the first ones'),
    seed: seedOption,
    scramble: z.boolean().default(true).describe('Use the plain sequence, which starts at the lower bounds'),
  },
  readSettings: ({ nSamples, seed, scramble }, problems) => {
    checkWhole('--n-samples', nSamples, 1, MAX_POINTS, problems);
    const value = readSeed(seed, problems);
    return { seed: scramble ? value : null, scramble, n_samples: nSamples };
  },
  check: (_settings, parameters, problems) => {
    checkVaries(parameters, problems);
    if (parameters.length > MAX_DIMENSIONS)
      problems.push({ path: 'MODEL', message: `has ${parameters.length} parameters; a Halton design allows at most ${MAX_DIMENSIONS}` });
  },
  points: ({ n_samples: n, seed }, parameters) => {
    const columns = haltonColumns(parameters.length, seed === null ? undefined : parseSeed(seed));
    const table = (first: number) => haltonTable(columns, parameters, first, n);
    return { points: table(0), more: (k) => (k * n + n > MAX_POINTS ? undefined : table(k * n)) };
  },
  extend: (settings, n) => ({ ...settings, n_samples: n }),
  title: ({ scramble, seed }) => (scramble ? `Halton design, scrambled with seed ${seed}` : 'Halton design, not scrambled'),
};

/** Coordinates in [0, 1) of the points of a Halton sequence. */
type Column = (index: number) => number;

/** A function for each dimension; without a seed, the plain sequence, whose first point is 0. */
export function haltonColumns(dimensions: number, seed: bigint | undefined): Column[] {
  return primes(dimensions).map((base, dimension) => (seed === undefined ? plainColumn(base) : scrambledColumn(base, seed, dimension)));
}

function plainColumn(base: number): Column {
  return (index) => {
    let [rest, weight, sum] = [index, 1, 0];
    while (rest > 0) {
      weight /= base;
      sum += (rest % base) * weight;
      rest = Math.floor(rest / base);
    }
    return sum;
  };
}

/** Permutes every digit that a double can hold, including trailing zeros. */
function scrambledColumn(base: number, seed: bigint, dimension: number): Column {
  const rng = streamOf(seed, dimension);
  const digits = Array.from({ length: Math.ceil(53 / Math.log2(base)) }, () => permutation(base, rng));
  return (index) => {
    let [rest, weight, sum] = [index, 1, 0];
    for (const digit of digits) {
      weight /= base;
      sum += digit[rest % base]! * weight;
      rest = Math.floor(rest / base);
    }
    return Math.min(sum, 1 - 2 ** -53);
  };
}

function haltonTable(columns: readonly Column[], parameters: readonly DesignParameter[], first: number, count: number): ParameterTable {
  return scaledTable(parameters, count, (column, start, into) => {
    const at = columns[column]!;
    for (let row = 0; row < into.length; row++) into[row] = at(first + start + row);
  });
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    const isPrime = found.every((prime) => candidate % prime !== 0 || prime * prime > candidate);
    if (isPrime) found.push(candidate);
  }
  return found;
}
