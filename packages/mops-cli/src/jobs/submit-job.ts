import { type JobSpec, keys, type SimulationStudy, type TaskId } from '@modelops/contracts';
import { newJobId, writeAttribution } from '@modelops/store';
import { createJob, type Job, verifyOutputs } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { SubmitData } from '../documents/jobs.ts';
import type { RequestedWidth } from '../engines/engine.ts';
import { type BindOptions, type BoundBundle, bindStudy, outputTotals } from './bind-study.ts';
import type { SubmissionProgress } from './interrupted-submission.ts';
import { type Division, planEverything, planMissing } from './plan-groups.ts';
import type { ResolvedStudy } from './preflight/preflight.ts';
import { startAttempt } from './start-attempt.ts';

export interface SubmitRequest extends Omit<BindOptions, 'job_id' | 'created_at'> {
  readonly study: SimulationStudy;
  readonly resolved: ResolvedStudy;
  readonly bundle: BoundBundle;
  /** The requested number of workers and slots. */
  readonly width: RequestedWidth;
}

/** A submission whose job has not been waited for. */
export type SubmitReport = Omit<SubmitData, 'waited' | 'results' | 'done' | 'verified' | 'missing'>;

/** Once its signal is aborted, nothing is started. */
export type SubmitControl = Partial<Pick<SubmissionProgress, 'onCreating' | 'onCreated' | 'onStarting'>> & {
  readonly signal?: AbortSignal;
};

/** Registers a study bound to a bundle as a job, and starts exactly the tasks that have no result. */
export async function submitJob(
  request: SubmitRequest,
  opened: Pick<OpenEnvironment, 'stores' | 'engine' | 'machine'>,
  { signal, ...progress }: SubmitControl = {},
): Promise<SubmitReport> {
  const { stores, engine, machine } = opened;
  const spec = specOf(request, stores);
  const job = createJob(spec);
  progress.onCreating?.(job.id);
  await stores.registry.register(spec, {
    tasks_total: job.tasks.count,
    expected_outputs: outputTotals(job),
    submitter: machine,
  });
  progress.onCreated?.(job.id);
  const submission = await stores.registry.transition(job.id, { to: 'submitting' }, { submitter: machine });
  const divide = () => divideTasks(job, stores, { isNew: true });
  const { state, division, chunks, workers } = await startAttempt(
    job,
    { n: 1, submission, divide, width: request.width, signal, onStarting: progress.onStarting },
    { stores, engine },
  );
  const reused = division.reusedIds().map((task_id) => ({ task_id, source: 'reused' as const }));
  if (reused.length > 0) await writeAttribution(stores.objects, keys.attribution(job.id, 1, 'reused'), reused);
  return {
    job: job.id,
    status: state.status,
    bundle_ref: spec.binding.bundle_ref,
    model_digest: spec.binding.model_digest,
    targets: spec.binding.targets.map(({ name }) => name),
    tasks: { total: job.tasks.count, new: division.missing, reused: division.reused },
    parameter_sets: job.tasks.groupCount,
    chunks,
    workers,
    engine: chunks === 0 ? 'none' : engine.name,
  };
}

/** The spec of the job that a request creates, under a new id. */
export function specOf({ study, resolved, bundle, ...options }: SubmitRequest, { now, random }: OpenEnvironment['stores']): JobSpec {
  const at = new Date(now());
  return bindStudy(study, resolved, bundle, { ...options, job_id: newJobId(at, random), created_at: at.toISOString() });
}

/**
 * Divides the tasks into those to run and those that have a result. For a new job whose model has no result in the store, no task id is
 * computed. A new job without targets is submitted for its outputs, so tasks whose outputs were deleted run again.
 */
export async function divideTasks(
  job: Job,
  stores: OpenEnvironment['stores'],
  { isNew = false } = {},
): Promise<Division & { readonly reusedIds: () => readonly TaskId[] }> {
  if (isNew && (await stores.provenance.existing(job.sims)).size === 0) return { ...planEverything(job), reusedIds: () => [] };
  const outputs = await verifyOutputs(job, stores);
  const isEvicted = (task: number) => stores.provenance.isEvicted(job.sims, job.tasks.idAt(task));
  const wantsOutputs = isNew && job.spec.binding.targets.length === 0;
  const has = wantsOutputs ? (task: number) => outputs.has(task) && !isEvicted(task) : outputs.has;
  const division = planMissing(job, outputs, { has, isEvicted });
  return { ...division, reusedIds: () => reusedOutside(job, division, has) };
}

/** Tasks with a result that are in no chunk; the worker of a chunk attributes the others. */
function reusedOutside(job: Job, { groups }: Division, has: (task: number) => boolean): TaskId[] {
  const isVisited = new Uint8Array(job.tasks.count);
  for (const { start, missing } of groups) {
    for (const [from, to] of missing) isVisited.fill(1, from, to);
    if (missing.length === 0) isVisited.fill(1, start, job.tasks.groupOf(start).end);
  }
  const ids = new Set<TaskId>();
  for (let task = 0; task < job.tasks.count; task++) if (isVisited[task] === 0 && has(task)) ids.add(job.tasks.idAt(task));
  return [...ids];
}
