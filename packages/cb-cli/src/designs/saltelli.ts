import { parseSeed } from '@modelops/contracts';
import * as z from 'zod';
import { varying } from '../space/parameter-space.ts';
import { type Design, no, YES, yes } from './design.ts';
import { placesOf, scaledTable } from './parameter-table.ts';
import { checkVaries, checkWhole, nSamplesOption, readSeed, seedOption } from './settings.ts';
import { MAX_SOBOL_DIMENSIONS } from './sobol/direction-numbers.ts';
import { balanceAdvice, createSobol, MAX_SOBOL_POINTS } from './sobol/sobol.ts';

type Options = { readonly nSamples: number; readonly secondOrder: boolean; readonly seed: string; readonly scramble: boolean };
type Settings = {
  readonly seed: number | string | null;
  readonly scramble: boolean;
  readonly n_samples: number;
  readonly second_order: boolean;
};

/**
 * Two samples A and B of a Sobol sequence, and for each parameter i the sample A with its values of i from B. Rows in blocks, one for each point:
 * A, AB₁ … AB_d, with second order BA₁ … BA_d, B. A. Saltelli (2002); Saltelli et al. (2010).
 */
export const saltelli: Design<Options, Settings> = {
  method: 'saltelli',
  supports: {
    mixed: YES,
    constraint: no('its indices need parameters that are independent of each other: use sobol or random, and given-data indices'),
    extend: yes('to any number'),
    priors: YES,
  },
  examples: [
    'cb sampling saltelli --n 1024 --n-replicates 5 > study.json',
    'cb sampling saltelli models/seir.ts:StochasticSEIR --n 512 --second-order -o study.json',
  ],
  options: {
    nSamples: nSamplesOption(
      'Points of each sample, preferably a power of 2; the study has N (d + 2) sets, or N (2 d + 2) with second order. A larger number keeps the first ones',
    ),
    secondOrder: z.boolean().default(false).describe('Add the sets for second-order indices of pairs'),
    seed: seedOption,
    scramble: z.boolean().default(true).describe('Use the plain sequence, which starts at the lower bounds'),
  },
  readSettings: ({ nSamples, secondOrder, seed, scramble }, problems) => {
    checkWhole('--n-samples', nSamples, 2, MAX_SOBOL_POINTS, problems);
    const value = readSeed(seed, problems);
    return { seed: scramble ? value : null, scramble, n_samples: nSamples, second_order: secondOrder };
  },
  check: (_settings, parameters, problems) => {
    checkVaries(parameters, problems);
    const d = varying(parameters).length;
    if (2 * d > MAX_SOBOL_DIMENSIONS)
      problems.push({ path: 'MODEL', message: `${d} parameters vary; a Saltelli design allows at most ${MAX_SOBOL_DIMENSIONS / 2}` });
  },
  points: ({ n_samples: n, second_order, seed, scramble }, parameters) => {
    const d = varying(parameters).length;
    const rows = blockRows(d, second_order);
    const sequence = createSobol({ dimensions: 2 * d, seed: parseSeed(seed ?? 0), scramble });
    const place = placesOf(parameters);
    const unit = new Uint32Array(1);
    const coordinate = (dimension: number, point: number) => {
      sequence.fill(dimension, point, unit);
      return unit[0]! * 2 ** -30;
    };
    return {
      points: scaledTable(parameters, n * rows.length, (column, start, into) => {
        const k = place[column];
        if (k === undefined) return;
        let [point, a, b] = [-1, 0, 0];
        for (let at = 0; at < into.length; at++) {
          const wanted = Math.floor((start + at) / rows.length);
          if (wanted !== point) [point, a, b] = [wanted, coordinate(k, wanted), coordinate(d + k, wanted)];
          into[at] = takesB(rows[(start + at) % rows.length]!, k) ? b : a;
        }
      }),
    };
  },
  extend: (settings, n) => ({ ...settings, n_samples: n }),
  title: ({ n_samples, second_order, seed, scramble }) =>
    `Saltelli design of ${n_samples} points${second_order ? ' with second order' : ''}, ${scramble ? `scrambled with seed ${seed}` : 'not scrambled'}`,
  advice: ({ n_samples: n }) => balanceAdvice(n),
};

/** A row of a block: all of A, all of B, or one of them with parameter `k` from the other. */
type BlockRow = { readonly of: 'A' | 'B'; readonly k?: number };

/** The rows of a block in order; `k` counts the parameters that vary. */
function blockRows(d: number, secondOrder: boolean): BlockRow[] {
  const each = (of: 'A' | 'B') => Array.from({ length: d }, (_, k) => ({ of, k }));
  return [{ of: 'A' }, ...each('A'), ...(secondOrder ? each('B') : []), { of: 'B' }];
}

function takesB({ of, k }: BlockRow, column: number): boolean {
  return (of === 'B') !== (k === column);
}
