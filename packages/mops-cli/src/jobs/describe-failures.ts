import { isTerminal, type JobId, type ParamValues } from '@modelops/contracts';
import { createJob, explainFailures, type Job, type VerifiedOutputs, verifyOutputs } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { FailuresReport, TargetFailures, TaskFailures } from '../documents/jobs.ts';
import { failureRegion, type OutcomesAt } from './failure-region.ts';
import { problemsOfLast } from './observe-job.ts';

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
