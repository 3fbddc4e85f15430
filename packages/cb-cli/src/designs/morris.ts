import { parseSeed } from '@modelops/contracts';
import type { Rng } from '@modelops/sdk';
import * as z from 'zod';
import { type DesignParameter, varying } from '../space/parameter-space.ts';
import { type Design, yes } from './design.ts';
import { scaledColumns } from './parameter-table.ts';
import { checkVaries, checkWhole, readSeed, seedOption } from './settings.ts';
import { permutation, streamOf } from './stream.ts';

type Options = { readonly trajectories: number; readonly levels: number; readonly candidates: number; readonly seed: string };
type Settings = { readonly seed: number | string; readonly n_samples: number; readonly levels: number; readonly candidates: number };

/**
 * Trajectories through a grid of levels: each starts at a random point and changes each parameter once, by half of the range or a little more.
 * Each is chosen from random candidates as the one farthest from those before it. M. D. Morris (1991); Campolongo, Cariboni and Saltelli (2007).
 */
export const morris: Design<Options, Settings> = {
  method: 'morris',
  supports: {
    mixed: yes('a step between values of a choice has no size: its μ* and σ are plain differences'),
    constraint: yes('a trajectory with a rejected point is replaced as a whole'),
    extend: yes('to any number of trajectories'),
    priors: yes('levels are quantiles'),
  },
  examples: ['cb sampling morris --trajectories 20 --n-replicates 10 > study.json'],
  options: {
    trajectories: z
      .number()
      .default(10)
      .describe('Number of trajectories, each with one set more than there are parameters; a larger number keeps the first ones')
      .meta({ aliases: ['n-samples', 'n'] }),
    levels: z.number().default(4).describe('Levels of each parameter, an even number'),
    candidates: z.number().default(20).describe('Random candidates from which each trajectory is chosen; 1: not optimised, as Morris'),
    seed: seedOption,
  },
  readSettings: ({ trajectories, levels, candidates, seed }, problems) => {
    checkWhole('--trajectories', trajectories, 1, 100_000, problems);
    checkWhole('--levels', levels, 2, 1000, problems);
    checkWhole('--candidates', candidates, 1, 1000, problems);
    if (levels % 2 === 1)
      problems.push({ path: '--levels', message: `${levels} is odd; expected an even number, so that all levels are equally likely` });
    return { seed: readSeed(seed, problems), n_samples: trajectories, levels, candidates };
  },
  check: (_settings, parameters, problems) => checkVaries(parameters, problems),
  points: (settings, parameters) => {
    const d = varying(parameters).length;
    const table = (from: number) => trajectoryTable(settings, parameters, from);
    return { points: table(0), group: d + 1, more: (k) => table(k * settings.n_samples) };
  },
  extend: (settings, n) => ({ ...settings, n_samples: n }),
  title: ({ n_samples, levels, seed }) => `Morris design of ${n_samples} trajectories on ${levels} levels with seed ${seed}`,
};

function trajectoryTable({ seed, n_samples, levels, candidates }: Settings, parameters: readonly DesignParameter[], from: number) {
  const d = varying(parameters).length;
  const chosen = chooseTrajectories({ d, levels, candidates, seed: parseSeed(seed), count: from + n_samples }).slice(from);
  const rows = chosen.flatMap((trajectory) => Array.from({ length: d + 1 }, (_, step) => trajectory.subarray(step * d, (step + 1) * d)));
  const columns = Array.from({ length: d }, (_, at) => Float64Array.from(rows, (row) => row[at]!));
  return scaledColumns(parameters, rows.length, columns);
}

export interface TrajectoryOptions {
  readonly d: number;
  readonly levels: number;
  readonly candidates: number;
  readonly seed: bigint;
  readonly count: number;
}

/** Trajectories of d + 1 points, row by row; a longer list begins with the shorter ones. */
export function chooseTrajectories({ d, levels, candidates, seed, count }: TrajectoryOptions): Float64Array[] {
  const chosen: Float64Array[] = [];
  for (let at = 0; at < count; at++) {
    const pool = Array.from({ length: at === 0 ? 1 : candidates }, (_, k) => trajectory(d, levels, streamOf(seed, at, k)));
    chosen.push(farthest(pool, chosen, d));
  }
  return chosen;
}

function trajectory(d: number, levels: number, rng: Rng): Float64Array {
  const half = levels / 2;
  const point = Float64Array.from({ length: d }, () => rng.uniformInt(0, half - 1));
  const isRising = Array.from({ length: d }, () => rng.uniformInt(0, 1) === 1);
  for (let k = 0; k < d; k++) if (!isRising[k]) point[k] = point[k]! + half;
  const rows = new Float64Array((d + 1) * d);
  rows.set(point);
  permutation(d, rng).forEach((k, step) => {
    point[k] = point[k]! + (isRising[k] ? half : -half);
    rows.set(point, (step + 1) * d);
  });
  return rows.map((level) => level / (levels - 1));
}

/** The candidate with the largest root of the sum of its squared distances to the chosen ones. */
function farthest(pool: readonly Float64Array[], chosen: readonly Float64Array[], d: number): Float64Array {
  let [best, bestDistance] = [pool[0]!, -1];
  if (pool.length === 1) return best;
  for (const candidate of pool) {
    const distance = chosen.reduce((sum, other) => sum + trajectoryDistance(candidate, other, d) ** 2, 0);
    if (distance > bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** The sum of the distances of all pairs of points, 0 for the same trajectory. */
export function trajectoryDistance(a: Float64Array, b: Float64Array, d: number): number {
  let sum = 0;
  for (let i = 0; i <= d; i++) {
    for (let j = 0; j <= d; j++) {
      let square = 0;
      for (let k = 0; k < d; k++) square += (a[i * d + k]! - b[j * d + k]!) ** 2;
      sum += Math.sqrt(square);
    }
  }
  return sum;
}
