import { parseSeed } from '@modelops/contracts';
import * as z from 'zod';
import type { DesignParameter } from '../space/parameter-space.ts';
import { type Design, YES, yes } from './design.ts';
import { scaledTable } from './parameter-table.ts';
import { checkVaries, checkWhole, nSamplesOption, readSeed, seedOption } from './settings.ts';
import { MAX_SOBOL_DIMENSIONS, SOBOL_BITS } from './sobol/direction-numbers.ts';
import { balanceAdvice, createSobol, MAX_SOBOL_POINTS, toUnit } from './sobol/sobol.ts';

type Options = { readonly nSamples: number; readonly seed: string; readonly scramble: boolean };
type Settings = { readonly seed: number | string | null; readonly scramble: boolean; readonly n_samples: number; readonly bits: number };

/**
 * The first points of a Sobol sequence whose j-th dimension is the j-th declared parameter. A fixed parameter keeps its dimension, so fixing one
 * does not change the values of the others. Sequence of Joe and Kuo (2008), scramble of Matoušek (1998).
 */
export const sobol: Design<Options, Settings> = {
  method: 'sobol',
  supports: {
    mixed: YES,
    constraint: yes('further points of the sequence replace rejected ones'),
    extend: yes('to any number'),
    priors: YES,
  },
  examples: [
    'cb sampling sobol models/seir.ts:StochasticSEIR --n-samples 256 --n-replicates 500 --targets targets/prevalence.ts:prevalence > study.json',
    'cb sampling sobol --n 512 --fix gamma=0.2 --range beta=0.2:0.6 -o study.json',
  ],
  options: {
    nSamples: nSamplesOption('Number of parameter sets, preferably a power of 2; with the same seed, a larger number keeps the first ones'),
    seed: seedOption,
    scramble: z.boolean().default(true).describe('Use the plain sequence, which starts at the lower bounds'),
  },
  readSettings: ({ nSamples, seed, scramble }, problems) => {
    checkWhole('--n-samples', nSamples, 1, MAX_SOBOL_POINTS, problems);
    const value = readSeed(seed, problems);
    return { seed: scramble ? value : null, scramble, n_samples: nSamples, bits: SOBOL_BITS };
  },
  check: (_settings, parameters, problems) => {
    checkVaries(parameters, problems);
    if (parameters.length > MAX_SOBOL_DIMENSIONS)
      problems.push({
        path: 'MODEL',
        message: `has ${parameters.length} parameters; a Sobol design allows at most ${MAX_SOBOL_DIMENSIONS}`,
      });
  },
  points: ({ n_samples: n, seed, scramble }, parameters) => {
    const sequence = createSobol({ dimensions: parameters.length, seed: parseSeed(seed ?? 0), scramble });
    const table = (first: number, count: number) => sobolTable(sequence, parameters, first, count);
    return {
      points: table(0, n),
      more: (k) => (k * n >= MAX_SOBOL_POINTS ? undefined : table(k * n, Math.min(n, MAX_SOBOL_POINTS - k * n))),
    };
  },
  extend: (settings, n) => ({ ...settings, n_samples: n }),
  title: ({ scramble, seed }) => (scramble ? `Sobol design, scrambled with seed ${seed}` : 'Sobol design, not scrambled'),
  advice: ({ n_samples: n }) => balanceAdvice(n),
};

function sobolTable(sequence: ReturnType<typeof createSobol>, parameters: readonly DesignParameter[], first: number, count: number) {
  return scaledTable(parameters, count, (column, start, into) => {
    const units = new Uint32Array(into.length);
    sequence.fill(column, first + start, units);
    toUnit(units, into);
  });
}
