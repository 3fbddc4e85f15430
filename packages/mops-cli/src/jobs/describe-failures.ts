import { isTerminal, type JobId, type JobState, type ParamValues } from '@modelops/contracts';
import { createJob, explainFailures, type FailureCause, type Job, type VerifiedOutputs, verifyOutputs } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { EngineProblem } from '../engines/engine.ts';
import { type FailureRegion, failureRegion, type OutcomesAt } from './failure-region.ts';
import { problemsOfLast } from './observe-job.ts';

export interface TaskFailures extends FailureCause {
  /** Runs the sample on this machine. */
  readonly reproduce: string;
  /** Where in the parameter space tasks fail for this cause, compared with all that succeeded; null if no region is clear. */
  readonly region: FailureRegion | null;
}

/** Parameter sets whose replicates exist, but whose target evaluation failed. */
export interface TargetFailures {
  readonly target: string;
  readonly reason: string;
  readonly count: number;
  readonly sample: { readonly param_id: string; readonly params: ParamValues };
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
  /** What stopped the workers, if tasks of an ended job did not run. */
  readonly stopped_by: readonly EngineProblem[];
}

/** The causes of a job's missing outputs, grouped. Writes nothing. */
export async function describeFailures(id: JobId, { stores, engine }: Pick<OpenEnvironment, 'stores' | 'engine'>): Promise<FailuresReport> {
  const job = createJob(await stores.registry.spec(id));
  const state = await stores.registry.state(id);
  const outputs = await verifyOutputs(job, stores);
  const causes = outputs.missingCount === 0 ? [] : await causesWithRegions(job, outputs, stores);
  const targets = new Map<string, TargetFailures>();
  for (const { set, target, row } of outputs.aggregations) {
    if (row === undefined || row.loss !== null) continue;
    const reason = row.reason ?? 'no reason recorded';
    const key = `${target}|${reason}`;
    const { param_id, values } = job.tasks.paramsAt(set);
    const held = targets.get(key) ?? { target, reason, count: 0, sample: { param_id, params: values } };
    targets.set(key, { ...held, count: held.count + 1 });
  }
  const failed = causes.reduce((sum, { count }) => sum + count, 0);
  const isStopped = isTerminal(state.status) && outputs.missingCount > failed;
  return {
    job: id,
    status: state.status,
    tasks: job.tasks.count,
    missing: outputs.missingCount,
    failed,
    causes,
    targets: [...targets.values()].sort((a, b) => b.count - a.count),
    stopped_by: isStopped ? await problemsOfLast(state, engine) : [],
  };
}

/** Number of most frequent causes for which a region is searched. */
const SEARCHED = 20;

async function causesWithRegions(job: Job, outputs: VerifiedOutputs, stores: OpenEnvironment['stores']): Promise<TaskFailures[]> {
  const { byCause, pointsByCause } = await explainFailures(job, stores);
  const succeeded: OutcomesAt[] = [];
  for (const [set, count] of outputs.existingIn.entries())
    if (byCause.length > 0 && count > 0) succeeded.push({ values: job.tasks.valuesAt(set), failed: 0, succeeded: count });
  return byCause.map((cause, at) => {
    const failed = [...pointsByCause[at]!].map(([params, count]) => ({
      values: JSON.parse(params) as ParamValues,
      failed: count,
      succeeded: 0,
    }));
    const region = at < SEARCHED ? failureRegion([...succeeded, ...failed]) : undefined;
    return { ...cause, reproduce: `mops repro ${cause.sample.task_id.slice(0, 12)}`, region: region ?? null };
  });
}
