import { parseSeed } from '@modelops/contracts';
import type { DesignParameter } from '../space/parameter-space.ts';
import { type Design, YES, yes } from './design.ts';
import { type ParameterTable, scaledTable } from './parameter-table.ts';
import { checkVaries, checkWhole, nSamplesOption, readSeed, seedOption } from './settings.ts';
import { streamOf } from './stream.ts';

type Options = { readonly nSamples: number; readonly seed: string };
type Settings = { readonly seed: number | string; readonly n_samples: number };

const MAX_POINTS = 2 ** 30;
/** Rows drawn from one stream. Changing this changes studies. */
const ROWS = 1024;

/** Independent draws from the parameters' distributions. Each parameter has its own stream, so fixing one does not change the others. */
export const random: Design<Options, Settings> = {
  method: 'random',
  supports: { mixed: YES, constraint: yes('further draws replace rejected ones'), extend: yes('to any number'), priors: YES },
  examples: [
    "cb sampling random --n 1000 --prior 'beta=normal(0.4,0.1)' > study.json",
    "cb sampling random --n 200 --where 'beta > gamma' -o study.json",
  ],
  options: {
    nSamples: nSamplesOption('Number of parameter sets; with the same seed, a larger number keeps the first ones'),
    seed: seedOption,
  },
  readSettings: ({ nSamples, seed }, problems) => {
    checkWhole('--n-samples', nSamples, 1, MAX_POINTS, problems);
    return { seed: readSeed(seed, problems), n_samples: nSamples };
  },
  check: (_settings, parameters, problems) => checkVaries(parameters, problems),
  points: ({ n_samples: n, seed }, parameters) => {
    const table = (first: number) => randomTable(parameters, parseSeed(seed), first, n);
    return { points: table(0), more: (k) => (k * n + n > MAX_POINTS ? undefined : table(k * n)) };
  },
  extend: (settings, n) => ({ ...settings, n_samples: n }),
  title: ({ seed }) => `Random design with seed ${seed}`,
};

function randomTable(parameters: readonly DesignParameter[], seed: bigint, first: number, count: number): ParameterTable {
  return scaledTable(parameters, count, (column, start, into) => {
    for (let done = 0; done < into.length; ) {
      const row = first + start + done;
      const block = randomBlock(seed, column, Math.floor(row / ROWS));
      const part = block.subarray(row % ROWS, (row % ROWS) + into.length - done);
      into.set(part, done);
      done += part.length;
    }
  });
}

function randomBlock(seed: bigint, column: number, block: number): Float64Array {
  const rng = streamOf(seed, column, block);
  return Float64Array.from({ length: ROWS }, () => rng.uniform());
}
