import type { ParamValues } from '@modelops/contracts';
import { quantile } from '@modelops/sdk/internal';
import type { Job } from '../job-context.ts';
import type { FailureReport } from './explain-failures.ts';

/** The loss of each parameter set by target, NaN for a set without one: 8 bytes each. */
export type TargetLosses = ReadonlyMap<string, Float64Array>;

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95];

/** `summary.json`: for each target the lowest loss, quantiles and best parameters; failures by cause; model time. */
export function summarise(job: Job, losses: TargetLosses, { byCause }: FailureReport, modelMs: number) {
  return {
    schema: 'modelops.results.summary/v1',
    job_id: job.id,
    targets: Array.from(losses, ([target, bySet]) => summariseTarget(job, target, bySet)),
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
}

function summariseTarget({ tasks }: Job, target: string, bySet: Float64Array): TargetSummary {
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
  };
}
