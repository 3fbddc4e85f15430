import type { JobId, JobState } from '@modelops/contracts';
import { createJob, explainFailures, type FailureCause, verifyOutputs } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';

export interface TaskFailures extends FailureCause {
  /** Runs the sample on this machine. */
  readonly reproduce: string;
}

/** Parameter sets that a target could not be evaluated on, though their replicates exist. */
export interface TargetFailures {
  readonly target: string;
  readonly reason: string;
  readonly count: number;
  readonly sample: { readonly param_id: string; readonly params: Readonly<Record<string, unknown>> };
}

export interface FailuresReport {
  readonly job: JobId;
  readonly status: JobState['status'];
  readonly tasks: number;
  /** Tasks without a result. */
  readonly missing: number;
  /** Of those, tasks whose failure is recorded. */
  readonly failed: number;
  /** Groups of failed tasks, most frequent first. */
  readonly causes: readonly TaskFailures[];
  readonly targets: readonly TargetFailures[];
}

/** The causes of a job's missing outputs, grouped. Writes nothing. */
export async function describeFailures(id: JobId, { stores }: Pick<OpenEnvironment, 'stores'>): Promise<FailuresReport> {
  const job = createJob(await stores.registry.spec(id));
  const state = await stores.registry.state(id);
  const outputs = await verifyOutputs(job, stores);
  const causes = outputs.missingCount === 0 ? [] : (await explainFailures(job, stores)).byCause;
  const targets = new Map<string, TargetFailures>();
  for (const { set, target, row } of outputs.aggregations) {
    if (row === undefined || row.loss !== null) continue;
    const reason = row.reason ?? 'no reason is recorded';
    const key = `${target}|${reason}`;
    const { param_id, values } = job.tasks.paramsAt(set);
    const held = targets.get(key) ?? { target, reason, count: 0, sample: { param_id, params: values } };
    targets.set(key, { ...held, count: held.count + 1 });
  }
  return {
    job: id,
    status: state.status,
    tasks: job.tasks.count,
    missing: outputs.missingCount,
    failed: causes.reduce((sum, { count }) => sum + count, 0),
    causes: causes.map((cause) => ({ ...cause, reproduce: `mops repro ${cause.sample.task_id.slice(0, 12)}` })),
    targets: [...targets.values()].sort((a, b) => b.count - a.count),
  };
}
