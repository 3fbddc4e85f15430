import { parseSeed } from '@modelops/contracts';
import { type DesignParameter, varying } from '../space/parameter-space.ts';
import { type Design, no, YES, yes } from './design.ts';
import { scaledColumns } from './parameter-table.ts';
import { checkVaries, checkWhole, nSamplesOption, readSeed, seedOption } from './settings.ts';
import { streamOf } from './stream.ts';

type Options = { readonly nSamples: number; readonly seed: string };
type Settings = { readonly seed: number | string; readonly n_samples: number; readonly interference: number };

/** Number of harmonics that are attributed to a parameter. */
const INTERFERENCE = 4;

/**
 * One closed curve through the parameter space for each parameter, on which that parameter oscillates fastest. Rows curve by curve.
 * The extended Fourier amplitude sensitivity test: A. Saltelli, S. Tarantola and K. P.-S. Chan (1999).
 */
export const fast: Design<Options, Settings> = {
  method: 'fast',
  supports: {
    mixed: yes('the steps of an int or a choice add harmonics, which makes indices less accurate'),
    constraint: no('a curve with gaps has no spectrum: use sobol or random, and given-data indices'),
    extend: no('its frequencies depend on the number of samples'),
    priors: YES,
  },
  examples: ['cb sampling fast --n 257 > study.json'],
  options: { nSamples: nSamplesOption('Points on each curve, at least 65; the study has N sets for each parameter'), seed: seedOption },
  readSettings: ({ nSamples, seed }, problems) => {
    checkWhole('--n-samples', nSamples, 4 * INTERFERENCE ** 2 + 1, 10_000_000, problems);
    return { seed: readSeed(seed, problems), n_samples: nSamples, interference: INTERFERENCE };
  },
  check: (_settings, parameters, problems) => checkVaries(parameters, problems),
  points: (settings, parameters) => ({ points: curves(settings, parameters) }),
  title: ({ n_samples, seed }) => `FAST design of ${n_samples} points for each parameter with seed ${seed}`,
};

function curves({ seed, n_samples: n, interference }: Settings, parameters: readonly DesignParameter[]) {
  const d = varying(parameters).length;
  const columns = Array.from({ length: d }, () => new Float64Array(d * n));
  for (let fastest = 0; fastest < d; fastest++) {
    const frequencies = frequenciesOf(d, fastest, n, interference);
    const rng = streamOf(parseSeed(seed), fastest);
    frequencies.forEach((frequency, k) => {
      const phase = rng.uniform();
      for (let row = 0; row < n; row++) columns[k]![fastest * n + row] = triangle(frequency * ((row + 0.5) / n) + phase);
    });
  }
  return scaledColumns(parameters, d * n, columns);
}

/** The frequencies of all parameters on the curve of one: the highest that n points resolve for that one, low ones for the others. */
export function frequenciesOf(d: number, fastest: number, n: number, interference: number): number[] {
  const highest = Math.floor((n - 1) / (2 * interference));
  const highestOther = Math.floor(highest / (2 * interference));
  const others = Array.from({ length: d - 1 }, (_, k) =>
    highestOther >= d - 1 ? Math.floor(1 + (d <= 2 ? 0 : (k * (highestOther - 1)) / (d - 2))) : (k % Math.max(1, highestOther)) + 1,
  );
  others.splice(fastest, 0, highest);
  return others;
}

/** ½ + arcsin(sin 2πx) / π, without trigonometric functions. */
function triangle(x: number): number {
  const turn = x + 0.25 - Math.floor(x + 0.25);
  return turn < 0.5 ? 2 * turn : 2 - 2 * turn;
}
