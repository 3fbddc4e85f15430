import type { ParamValues } from '@modelops/contracts';
import type { Job } from '../job-context.ts';
import type { FailureReport } from './explain-failures.ts';
import type { LossRow } from './loss-rows.ts';

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95];

/** `summary.json`: for each target the lowest loss, quantiles and best parameters; failures by cause; model time. */
export function summarise(job: Job, rows: readonly LossRow[], { byCause }: FailureReport, modelMs: number) {
  return {
    schema: 'modelops.results.summary/v1',
    job_id: job.id,
    targets: job.spec.binding.targets.map(({ name }) =>
      summariseTarget(
        job,
        name,
        rows.filter(({ target }) => target === name),
      ),
    ),
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

function summariseTarget(job: Job, target: string, rows: readonly LossRow[]): TargetSummary {
  const losses = Float64Array.from(rows.flatMap(({ loss }) => (loss === null ? [] : [loss]))).sort();
  const best = losses.length === 0 ? undefined : rows.find(({ loss }) => loss === losses[0])!;
  const { param_id, values } = best === undefined ? { param_id: '', values: {} } : job.tasks.paramsAt(best.set);
  return {
    target,
    losses: losses.length,
    nulls: rows.length - losses.length,
    min: losses[0] ?? null,
    quantiles: Object.fromEntries(losses.length === 0 ? [] : QUANTILES.map((q) => [String(q), quantile(losses, q)])),
    best: best === undefined ? null : { param_id, params: values, loss: losses[0]! },
  };
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996). */
function quantile(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}
