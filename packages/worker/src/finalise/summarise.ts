import type { ParamValues } from '@modelops/contracts';
import { quantile } from '@modelops/sdk/internal';
import type { Job } from '../job-context.ts';
import type { FailureReport } from './explain-failures.ts';
import { type LossParameter, type LossRow, parameterValues } from './loss-rows.ts';

/** The loss of each parameter set by target, NaN for a set without one: 8 bytes each. */
export type TargetLosses = ReadonlyMap<string, Float64Array>;

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95];

/** Maximum number of sets that a summary lists for each target, and of values in all lists: readers refuse a summary of 16 MiB. */
const LISTED = 20;
const LISTED_VALUES = 200_000;
/** Values of a listed set besides its parameters. */
const OWN_VALUES = 8;

/** A job's losses, and how to see one of them whole. */
export interface SummarisedLosses {
  readonly byTarget: TargetLosses;
  readonly parameters: readonly LossParameter[];
  rowOf(set: number, target: string): LossRow;
}

/** `summary.json`: for each target the lowest losses, quantiles and best parameters; failures by cause; model time. */
export function summarise(job: Job, losses: SummarisedLosses, { byCause }: FailureReport, modelMs: number) {
  return {
    schema: 'modelops.results.summary/v1',
    job_id: job.id,
    targets: Array.from(losses.byTarget, ([target, bySet]) => summariseTarget(job, losses, target, bySet)),
    failures: byCause,
    model_seconds: modelMs / 1000,
    mean_task_ms: job.tasks.count === 0 ? null : modelMs / job.tasks.count,
  };
}

interface TargetSummary {
  readonly target: string;
  readonly losses: number;
  readonly nulls: number;
  readonly min: number | null;
  readonly quantiles: Readonly<Record<string, number>>;
  readonly best: { readonly param_id: string; readonly params: ParamValues; readonly loss: number } | null;
  readonly lowest: readonly LowestLoss[];
}

/** A row of `losses.parquet`, without what all rows of a job and target share. */
type LowestLoss = Pick<LossRow, 'loss' | 'n_replicates' | 'n_failed' | 'replicate_mean' | 'standard_error' | 'cache_hit'> & {
  readonly param_id: string;
  readonly params: ParamValues;
  /** ISO 8601. */
  readonly computed_at: string | null;
};

function summariseTarget(job: Job, all: SummarisedLosses, target: string, bySet: Float64Array): TargetSummary {
  const { tasks } = job;
  const most = Math.floor(LISTED_VALUES / (all.byTarget.size * (all.parameters.length + OWN_VALUES)));
  const losses = bySet.filter((loss) => !Number.isNaN(loss)).sort();
  const [min] = losses;
  const best = min === undefined ? undefined : tasks.paramsAt(bySet.indexOf(min));
  return {
    target,
    losses: losses.length,
    nulls: bySet.length - losses.length,
    min: min ?? null,
    quantiles: Object.fromEntries(min === undefined ? [] : QUANTILES.map((q) => [String(q), quantile(losses, q)])),
    best: best === undefined ? null : { param_id: best.param_id, params: best.values, loss: min! },
    lowest: lowestSets(bySet, losses, Math.min(LISTED, most))
      .map((set) => lowestLoss(job, all, set, target))
      .sort((a, b) => a.loss! - b.loss! || (a.param_id < b.param_id ? -1 : 1)),
  };
}

/** The sets with the lowest losses, at most `most`: fewer where that limit would divide sets of equal loss. */
function lowestSets(bySet: Float64Array, sorted: Float64Array, most: number): number[] {
  let count = Math.min(most, sorted.length);
  if (count < sorted.length && sorted[count] === sorted[count - 1]) count = sorted.indexOf(sorted[count]!);
  const highest = sorted[count - 1];
  const sets: number[] = [];
  if (highest !== undefined) for (let set = 0; set < bySet.length; set++) if (bySet[set]! <= highest) sets.push(set);
  return sets;
}

function lowestLoss(job: Job, { parameters, rowOf }: SummarisedLosses, set: number, target: string): LowestLoss {
  const { loss, n_replicates, n_failed, replicate_mean, standard_error, computed_at, cache_hit } = rowOf(set, target);
  return {
    param_id: job.tasks.paramsAt(set).param_id,
    params: parameterValues(job, parameters, set),
    ...{ loss, n_replicates, n_failed, replicate_mean, standard_error, cache_hit },
    computed_at: computed_at === null ? null : new Date(computed_at).toISOString(),
  };
}
