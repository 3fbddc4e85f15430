import type { ParamValues } from '@modelops/contracts';
import { quantile } from '@modelops/sdk/internal';
import type { Job } from '../job-context.ts';
import type { FailureReport } from './explain-failures.ts';
import type { LossRow } from './loss-rows.ts';

/** What a summary keeps of a target's losses: 8 bytes each. */
export interface TargetLosses {
  readonly target: string;
  /** The first `count` are set. */
  readonly losses: Float64Array;
  count: number;
  nulls: number;
  /** The first set with the lowest loss; −1 if there is none. */
  best: number;
  min: number;
}

export function createTargetLosses({ tasks, spec }: Job): TargetLosses[] {
  return spec.binding.targets.map(({ name: target }) => ({
    target,
    losses: new Float64Array(tasks.groupCount),
    count: 0,
    nulls: 0,
    best: -1,
    min: Number.POSITIVE_INFINITY,
  }));
}

/** Adds the next rows of a job, in their order. */
export function addLosses(targets: readonly TargetLosses[], rows: readonly Pick<LossRow, 'set' | 'target' | 'loss'>[]): void {
  const byName = new Map(targets.map((one) => [one.target, one]));
  for (const { set, target, loss } of rows) {
    const held = byName.get(target)!;
    if (loss === null) held.nulls++;
    else {
      held.losses[held.count++] = loss;
      if (held.best < 0 || loss < held.min) [held.best, held.min] = [set, loss];
    }
  }
}

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95];

/** `summary.json`: for each target the lowest loss, quantiles and best parameters; failures by cause; model time. */
export function summarise(job: Job, targets: readonly TargetLosses[], { byCause }: FailureReport, modelMs: number) {
  return {
    schema: 'modelops.results.summary/v1',
    job_id: job.id,
    targets: targets.map((target) => summariseTarget(job, target)),
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

function summariseTarget(job: Job, { target, losses: all, count, nulls, best }: TargetLosses): TargetSummary {
  const losses = all.slice(0, count).sort();
  const { param_id, values } = best < 0 ? { param_id: '', values: {} } : job.tasks.paramsAt(best);
  return {
    target,
    losses: count,
    nulls,
    min: losses[0] ?? null,
    quantiles: Object.fromEntries(count === 0 ? [] : QUANTILES.map((q) => [String(q), quantile(losses, q)])),
    best: best < 0 ? null : { param_id, params: values, loss: losses[0]! },
  };
}
