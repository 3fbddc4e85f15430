import type { ParamValues } from '@modelops/contracts';
import { quantile } from '@modelops/sdk/internal';
import type { PastRuns } from '@modelops/store';
import type { SubmissionPlan } from '../../documents/jobs.ts';
import { createNearRuns, type DeclaredParameter } from './near-runs.ts';

/** Tasks that are to run, by parameter set. */
export interface SetToRun {
  readonly values: ParamValues;
  readonly tasks: number;
}

export interface WorkToEstimate {
  readonly sets: readonly SetToRun[];
  /** The declared space of the model. */
  readonly parameters: readonly DeclaredParameter[];
  /** Number of tasks that run concurrently. */
  readonly lanes: number;
  /** Number of tasks of the largest chunk: one worker may start it when the others have finished. */
  readonly largestChunk: number;
}

export type Estimate = NonNullable<SubmissionPlan['estimate']>;
type Range = Estimate['wall_seconds'];

const NEAREST = 8;
/** The range is between these quantiles of the nearest sets' means, and at least {@link LEAST_SPREAD} wide: the load of a machine varies. */
const [LOW, HIGH] = [0.1, 0.9];
const LEAST_SPREAD = 1.25;
/** Start of a worker and its host, until the first task. */
const START_MS = 400;
/** Cost of a task besides the model: its share of messages, packs and indexes. */
const TASK_MS = 0.05;
/** Larger lists are sampled evenly. */
const [MOST_SETS, MOST_PAST] = [512, 4096];

/** Estimates time and size of the work from past runs with similar parameters. Pure. */
export function estimateWork({ sets, parameters, lanes: requested, largestChunk }: WorkToEstimate, past: PastRuns): Estimate {
  const known = evenly(past.sets, MOST_PAST);
  const near = createNearRuns(parameters, known);
  const tasks = sets.reduce((sum, set) => sum + set.tasks, 0);
  let [low, high, seen, slowest] = [0, 0, 0, 0];
  for (const set of evenly(sets, MOST_SETS)) {
    const means = near(set.values, NEAREST).map(({ meanMs }) => meanMs);
    const bounds = spreadOf(means.sort((a, b) => a - b));
    low += set.tasks * bounds.low;
    high += set.tasks * bounds.high;
    seen += set.tasks;
    slowest = Math.max(slowest, bounds.high);
  }
  const scale = seen === 0 ? 0 : tasks / seen;
  const work = { low: low * scale + tasks * TASK_MS, high: high * scale + tasks * TASK_MS };
  const lanes = Math.max(1, requested);
  return {
    wall_seconds: {
      low: (START_MS + work.low / lanes) / 1000,
      high: (START_MS + work.high / lanes + largestChunk * slowest) / 1000,
    },
    core_hours: { low: work.low / 3_600_000, high: work.high / 3_600_000 },
    bytes: Math.round(tasks * past.bytesPerTask),
    basis: { tasks: past.tasks, parameter_sets: past.sets.length, nearest: Math.min(NEAREST, known.length), other_code: past.isOtherCode },
  };
}

function spreadOf(sorted: readonly number[]): Range {
  const [low, high] = [quantile(sorted, LOW), quantile(sorted, HIGH)];
  const middle = Math.sqrt(Math.max(low, 1e-6) * Math.max(high, 1e-6));
  return { low: Math.min(low, middle / LEAST_SPREAD), high: Math.max(high, middle * LEAST_SPREAD) };
}

/** At most `most` of a list, evenly spaced, the first among them. */
export function evenly<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, at) => list[Math.floor((at * list.length) / most)]!);
}
