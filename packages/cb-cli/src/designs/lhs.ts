import { parseSeed } from '@modelops/contracts';
import * as z from 'zod';
import { type DesignParameter, isVarying, varying } from '../space/parameter-space.ts';
import { type Design, YES, yes } from './design.ts';
import { discrepancyCriterion, maximinCriterion } from './lhs/criteria.ts';
import { evolve } from './lhs/evolve.ts';
import { doubledColumn, latinColumn, type Place } from './lhs/hypercube.ts';
import { orthogonalColumns, primeRoot } from './lhs/orthogonal.ts';
import { scaledColumns } from './parameter-table.ts';
import { checkVaries, checkWhole, nSamplesOption, readSeed, seedOption } from './settings.ts';
import { streamOf } from './stream.ts';

const CRITERIA = ['random', 'centred', 'maximin', 'cd'] as const;
type Kind = (typeof CRITERIA)[number];
type Options = { readonly nSamples: number; readonly seed: string; readonly criterion: Kind; readonly strength: number };
type Settings = {
  readonly seed: number | string;
  readonly n_samples: number;
  readonly criterion: Kind;
  readonly strength: number;
  /** The sizes that it was doubled from, smallest first. */
  readonly doubled_from: readonly number[];
};

/** Maximum number of samples of an optimised design, which keeps a matrix of all pairs. */
const MAX_OPTIMISED = 2000;
const MAX_POINTS = 10_000_000;

/** A Latin hypercube: each parameter takes one value in each of n equally likely cells of its range. */
export const lhs: Design<Options, Settings> = {
  method: 'lhs',
  supports: {
    mixed: YES,
    constraint: yes('rows of further hypercubes replace rejected ones; the cells of rejected rows stay empty'),
    extend: yes('to 2, 4, 8 … times the samples; not with strength 2 or a constraint'),
    priors: YES,
  },
  examples: [
    'cb sampling lhs --n 100 --criterion maximin > study.json',
    'cb sampling lhs models/seir.ts:StochasticSEIR --n 49 --strength 2 --n-replicates 20 -o study.json',
  ],
  options: {
    nSamples: nSamplesOption('Number of parameter sets'),
    seed: seedOption,
    criterion: z
      .enum(CRITERIA)
      .default('random')
      .describe(
        'Points within their cells: random or centred; maximin and cd are centred and optimised for distance or centred discrepancy',
      ),
    strength: z.number().default(1).describe('2 also stratifies every pair of parameters; N must be the square of a prime'),
  },
  readSettings: ({ nSamples, seed, criterion, strength }, problems) => {
    const isOptimised = criterion === 'maximin' || criterion === 'cd';
    checkWhole('--n-samples', nSamples, 1, isOptimised ? MAX_OPTIMISED : MAX_POINTS, problems);
    checkWhole('--strength', strength, 1, 2, problems);
    if (strength === 2 && isOptimised)
      problems.push({ path: '--criterion', message: `${criterion} cannot be combined with strength 2; use random or centred` });
    if (strength === 2 && primeRoot(nSamples) === undefined) {
      problems.push({ path: '--n-samples', message: `strength 2 needs the square of a prime: 4, 9, 25, 49, 121, 169, …, not ${nSamples}` });
    }
    return { seed: readSeed(seed, problems), n_samples: nSamples, criterion, strength, doubled_from: [] };
  },
  check: ({ n_samples: n, strength }, parameters, problems) => {
    checkVaries(parameters, problems);
    const [p, d] = [primeRoot(n), varying(parameters).length];
    if (strength === 2 && p !== undefined && d > p + 1)
      problems.push({ path: '--n-samples', message: `${n} samples of strength 2 allow at most ${p + 1} parameters, not ${d}` });
  },
  points: (settings, parameters) => ({
    points: hypercube(settings, parameters, 0),
    more: (k) => hypercube(settings, parameters, k),
  }),
  extend: (settings, n) => {
    const { n_samples: held, strength } = settings;
    if (strength === 2) return 'a Latin hypercube of strength 2 cannot be extended: no larger one contains its points';
    return n >= held && Number.isInteger(Math.log2(n / held)) ? doubleUp(settings, n) : notDouble(held);
  },
  title: ({ criterion, strength, seed }) =>
    `Latin hypercube${strength === 2 ? ' of strength 2' : ''}, ${criterion === 'cd' ? 'optimised for centred discrepancy' : criterion === 'maximin' ? 'optimised for distance' : criterion}, with seed ${seed}`,
};

function doubleUp(settings: Settings, n: number): Settings {
  const { n_samples: held, doubled_from } = settings;
  return held === n ? settings : doubleUp({ ...settings, n_samples: 2 * held, doubled_from: [...doubled_from, held] }, n);
}

function notDouble(held: number): string {
  return `a Latin hypercube of ${held} samples can only be extended to ${2 * held}, ${4 * held}, ${8 * held} … samples`;
}

function hypercube(settings: Settings, parameters: readonly DesignParameter[], batch: number) {
  const columns = latinColumns(
    settings,
    parameters.flatMap((parameter, at) => (isVarying(parameter) ? [at] : [])),
    batch,
  );
  return scaledColumns(parameters, settings.n_samples, columns);
}

/** Coordinates of a Latin hypercube with a column for each of `places`; each place has its own random stream. */
export function latinColumns(
  { seed: text, n_samples, criterion, strength, doubled_from }: Settings,
  places: readonly number[],
  batch: number,
) {
  const seed = parseSeed(text);
  const place: Place = criterion === 'random' ? 'random' : 'centred';
  if (strength === 2) return orthogonalColumns(primeRoot(n_samples)!, places.length, place, streamOf(seed, 0, batch, 0));
  let columns: readonly Float64Array[] = [];
  [...doubled_from, n_samples].forEach((n, stage) => {
    columns = places.map((at, column) => {
      const rng = streamOf(seed, at, batch, stage);
      return stage === 0 ? latinColumn(n, place, rng) : doubledColumn(columns[column]!, place, rng);
    });
    optimise(columns, criterion, stage === 0 ? 0 : n / 2, streamOf(seed, places.length, batch, stage));
  });
  return columns as Float64Array[];
}

function optimise(columns: readonly Float64Array[], criterion: Kind, firstFree: number, rng: ReturnType<typeof streamOf>): void {
  if ((criterion !== 'maximin' && criterion !== 'cd') || columns.length < 2) return;
  const n = columns[0]!.length;
  evolve({
    columns,
    criterion: criterion === 'maximin' ? maximinCriterion(columns) : discrepancyCriterion(columns),
    firstFree,
    // Each try costs n steps: half a second for 100 points, a few seconds for the largest design.
    tries: Math.round(Math.min(5000 * n, 500_000, 200_000_000 / n)),
    rng,
  });
}
