import type { SimulationStudy } from '@modelops/contracts';
import { type JobSpec, type JobState, keys, type TaskId } from '@modelops/contracts';
import { newJobId, writeAttribution } from '@modelops/store';
import { createJob, type Job, type VerifiedOutputs, verifyOutputs } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import { type BindOptions, type BoundBundle, bindStudy } from './bind-study.ts';
import { outputTotals } from './output-totals.ts';
import { type Division, planEverything, planMissing } from './plan-groups.ts';
import type { ResolvedStudy } from './preflight/preflight.ts';
import { startAttempt } from './start-attempt.ts';

export interface SubmitRequest extends Omit<BindOptions, 'job_id' | 'created_at'> {
  readonly study: SimulationStudy;
  readonly resolved: ResolvedStudy;
  readonly bundle: BoundBundle;
  readonly workers: number | undefined;
}

export interface SubmitReport {
  readonly job: string;
  readonly status: JobState['status'];
  readonly bundle_ref: string;
  readonly model_digest: string;
  readonly tasks: { readonly total: number; readonly new: number; readonly reused: number };
  readonly parameter_sets: number;
  readonly chunks: number;
  readonly workers: number;
  readonly engine: string;
}

/** Registers a study bound to a bundle as a job, and starts exactly the tasks that have no result. */
export async function submitJob(request: SubmitRequest, opened: Pick<OpenEnvironment, 'stores' | 'engine'>): Promise<SubmitReport> {
  const { stores, engine } = opened;
  const spec = specOf(request, stores);
  const job = createJob(spec);
  const division = await divideTasks(job, stores);
  await stores.registry.register(spec, {
    tasks_total: job.tasks.count,
    expected_outputs: outputTotals(job),
  });
  await stores.registry.transition(job.id, { to: 'submitting' });
  const { state, chunks, workers } = await startAttempt(
    job,
    { n: 1, groups: division.groups, workers: request.workers },
    { stores, engine },
  );
  const reused = division.reusedIds().map((task_id) => ({ task_id, source: 'reused' as const }));
  if (reused.length > 0) await writeAttribution(stores.objects, keys.attribution(job.id, 1, 'reused'), reused);
  return {
    job: job.id,
    status: state.status,
    bundle_ref: spec.binding.bundle_ref,
    model_digest: spec.binding.model_digest,
    tasks: { total: job.tasks.count, new: division.missing, reused: division.reused },
    parameter_sets: job.tasks.groupCount,
    chunks,
    workers,
    engine: chunks === 0 ? 'none' : engine.name,
  };
}

/** The spec of the job that a request makes, under an id of its own. */
export function specOf({ study, resolved, bundle, ...options }: SubmitRequest, { now, random }: OpenEnvironment['stores']): JobSpec {
  const at = new Date(now());
  return bindStudy(study, resolved, bundle, { ...options, job_id: newJobId(at, random), created_at: at.toISOString() });
}

/** What is to run. Where the store holds nothing of this model, no task's id is computed. */
export async function divideTasks(
  job: Job,
  stores: OpenEnvironment['stores'],
): Promise<Division & { readonly reusedIds: () => readonly TaskId[] }> {
  const existing = await stores.provenance.existing(job.sims);
  if (existing.size === 0) return { ...planEverything(job), reusedIds: () => [] };
  const outputs = await verifyOutputs(job, stores);
  const division = planMissing(job, outputs, {
    has: outputs.has,
    isEvicted: (task) => stores.provenance.isEvicted(job.sims, job.tasks.idAt(task)),
  });
  return { ...division, reusedIds: () => reusedOutside(job, division, outputs) };
}

/** Tasks with a result that no chunk will visit; the others are attributed by the chunk that meets them. */
function reusedOutside(job: Job, { groups }: Division, { has }: Pick<VerifiedOutputs, 'has'>): TaskId[] {
  const visited = new Set<number>();
  for (const { start, missing } of groups) if (missing.length === 0) visited.add(start);
  const ids = new Set<TaskId>();
  for (let set = 0; set < job.tasks.groupCount; set++) {
    const { start, end } = job.tasks.groupAt(set);
    if (visited.has(start)) continue;
    for (let task = start; task < end; task++) if (has(task)) ids.add(job.tasks.idAt(task));
  }
  return [...ids];
}
