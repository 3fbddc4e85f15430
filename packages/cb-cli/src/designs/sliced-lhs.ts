import { parseSeed } from '@modelops/contracts';
import * as z from 'zod';
import { type DesignParameter, isVarying } from '../space/parameter-space.ts';
import { type Design, no, YES, yes } from './design.ts';
import { slicedColumn } from './lhs/hypercube.ts';
import { scaledColumns } from './parameter-table.ts';
import { checkVaries, checkWhole, nSamplesOption, readSeed, seedOption } from './settings.ts';
import { streamOf } from './stream.ts';

type Options = { readonly nSamples: number; readonly slices: number; readonly seed: string };
type Settings = { readonly seed: number | string; readonly n_samples: number; readonly slices: number };

/** A Latin hypercube whose rows are divided into slices, each itself a Latin hypercube: run slice by slice, or compare slices. */
export const slicedLhs: Design<Options, Settings> = {
  method: 'sliced-lhs',
  supports: {
    mixed: YES,
    constraint: yes('rows of further hypercubes replace rejected ones; slices then have unequal sizes'),
    extend: no('a larger sliced hypercube has other cells: design it with more slices from the start'),
    priors: YES,
  },
  examples: ['cb sampling sliced-lhs --n 100 --slices 5 > study.json'],
  options: {
    nSamples: nSamplesOption('Total number of parameter sets, a multiple of --slices'),
    slices: z.number().default(2).describe('Number of slices; rows are listed slice by slice'),
    seed: seedOption,
  },
  readSettings: ({ nSamples, slices, seed }, problems) => {
    checkWhole('--n-samples', nSamples, 2, 10_000_000, problems);
    checkWhole('--slices', slices, 2, Math.max(2, nSamples), problems);
    if (nSamples % slices !== 0) problems.push({ path: '--n-samples', message: `${nSamples} is not a multiple of ${slices} slices` });
    return { seed: readSeed(seed, problems), n_samples: nSamples, slices };
  },
  check: (_settings, parameters, problems) => checkVaries(parameters, problems),
  points: (settings, parameters) => ({
    points: slicedTable(settings, parameters, 0),
    more: (k) => slicedTable(settings, parameters, k),
  }),
  title: ({ slices, seed }) => `Sliced Latin hypercube of ${slices} slices with seed ${seed}`,
};

function slicedTable({ seed, n_samples: n, slices }: Settings, parameters: readonly DesignParameter[], batch: number) {
  const columns = parameters.flatMap((parameter, at) =>
    isVarying(parameter) ? [slicedColumn(n / slices, slices, 'random', streamOf(parseSeed(seed), at, batch))] : [],
  );
  return scaledColumns(parameters, n, columns);
}
