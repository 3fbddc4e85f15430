import { defineCommand } from '@modelops/cli-kit';
import { type Problem, parseSeed, seedToJson } from '@modelops/contracts';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { MAX_SOBOL_DIMENSIONS, SOBOL_BITS } from '../designs/sobol/direction-numbers.ts';
import { MAX_SOBOL_POINTS } from '../designs/sobol/sobol.ts';
import { sobolDesign } from '../designs/sobol-design.ts';
import { samplingArgs, samplingShape } from '../sampling/options.ts';
import type { DesignMethod } from '../sampling/plan-sampling.ts';
import { humanSampling, jsonSampling, SAMPLING_SCHEMA, samplingNotes } from '../sampling/present-sampling.ts';
import { runSampling } from '../sampling/run-sampling.ts';

export const samplingSobol = defineCommand({
  examples: [
    'cb sampling sobol models/seir.ts:StochasticSEIR --n-samples 256 --n-replicates 500 --targets targets/prevalence.ts:prevalence > study.json',
    'cb sampling sobol models/seir.ts:StochasticSEIR --n-samples 512 --fix gamma=0.2 --range beta=0.2:0.6 -o study.json',
  ],
  args: samplingArgs,
  options: z.object({
    nSamples: z.number().describe('Parameter sets; a power of 2 keeps the design balanced. More with the same seed keep the first ones'),
    seed: z.string().default('0').describe('Seed of the scrambling, 0 to 2^64−1').meta({ placeholder: 'N' }),
    scramble: z.boolean().default(true).describe('Use the plain sequence, which starts at the lower bounds'),
    ...samplingShape,
  }),
  schema: SAMPLING_SCHEMA,
  run: (options, deps: CbDeps) => runSampling(options, sobolMethod(options), deps),
  human: humanSampling,
  notes: samplingNotes,
  json: jsonSampling,
});

interface SobolOptions {
  readonly nSamples: number;
  readonly seed: string;
  readonly scramble: boolean;
}

function sobolMethod({ nSamples, seed: seedText, scramble }: SobolOptions): DesignMethod {
  const seed = readSeed(seedText);
  return {
    method: 'sobol',
    settings: { seed: scramble ? seedToJson(seed ?? 0n) : null, scramble, n_samples: nSamples, bits: SOBOL_BITS },
    check: (parameters, problems) => {
      const add = (path: string, message: string) => problems.push({ path, message } satisfies Problem);
      if (!Number.isInteger(nSamples) || nSamples < 1 || nSamples > MAX_SOBOL_POINTS) {
        add('--n-samples', `${nSamples} is not a whole number from 1 to ${MAX_SOBOL_POINTS.toLocaleString('en-US')}`);
      }
      if (seed === undefined) add('--seed', `"${seedText}" is not a whole number from 0 to 2^64−1`);
      if (parameters === undefined) return;
      if (parameters.every(({ kind }) => kind === 'fixed'))
        add('MODEL', 'no parameter is left to vary; cb sampling grid makes a study of one set');
      if (parameters.length > MAX_SOBOL_DIMENSIONS)
        add('MODEL', `it has ${parameters.length} parameters; a Sobol design takes at most ${MAX_SOBOL_DIMENSIONS}`);
    },
    design: (parameters) => sobolDesign(parameters, { n: nSamples, seed: seed!, scramble }),
  };
}

function readSeed(text: string): bigint | undefined {
  try {
    return parseSeed(text);
  } catch {
    return undefined;
  }
}
