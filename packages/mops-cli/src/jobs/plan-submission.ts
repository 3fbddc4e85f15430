import { type AttemptPlan, type PlannedGroup, planAttempt, type TaskId } from '@modelops/contracts';
import { readPastRuns } from '@modelops/store';
import { createJob, type Job, openHosts, type PilotReport, runPilot } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { SubmissionPlan } from '../documents/jobs.ts';
import { choosePilot } from './estimate/choose-pilot.ts';
import { type Estimate, estimateWork } from './estimate/estimate-work.ts';
import { divideTasks, type SubmitRequest, specOf } from './submit-job.ts';

export interface PlanOptions {
  /** Number of tasks to run now on this machine, as a basis for the estimate; 0 for none. */
  readonly pilot: number;
  readonly isUnpushed: boolean;
}

/**
 * Reports what a submission would run, reuse and cost. Creates no job and writes nothing; a pilot writes the results of its tasks in packs,
 * which the job then reuses.
 */
export async function planSubmission(
  request: SubmitRequest,
  { pilot: k, isUnpushed }: PlanOptions,
  opened: Pick<OpenEnvironment, 'stores' | 'engine' | 'environment' | 'cacheDir'>,
): Promise<SubmissionPlan> {
  const { stores, engine } = opened;
  const spec = specOf(request, stores);
  const job = createJob(spec);
  let division = await divideTasks(job, stores, { isNew: true });
  const pilot = k === 0 ? null : await runPilotOf(job, choosePilot(division.groups, k), opened);
  if (pilot !== null) division = await divideTasks(job, stores, { isNew: true });
  const plan = planAttempt(1, division.groups, engine.widthOf(request.width));
  const isIdle = plan.chunks.length === 0;
  return {
    bundle_ref: spec.binding.bundle_ref,
    bundle_unpushed: isUnpushed,
    model: spec.study.model,
    model_digest: spec.binding.model_digest,
    scenario: spec.study.scenario,
    targets: spec.binding.targets.map(({ name }) => name),
    parameter_sets: job.tasks.groupCount,
    tasks: {
      total: job.tasks.count,
      new: division.missing,
      reused: division.reused,
      failed_before: await failedBefore(job, division.groups, stores),
    },
    chunks: plan.chunks.length,
    workers: isIdle ? 0 : plan.width,
    slots: plan.slots ?? 1,
    engine: isIdle ? 'none' : engine.name,
    estimate: await estimateOf(job, division.groups, plan, request, stores),
    pilot,
  };
}

async function runPilotOf(
  job: Job,
  tasks: readonly number[],
  { stores, environment, cacheDir }: Pick<OpenEnvironment, 'stores' | 'environment' | 'cacheDir'>,
): Promise<PilotReport> {
  if (tasks.length === 0) return { tasks: 0, failed: 0 };
  return runPilot(job, tasks, await openHosts(job, { environment, cacheDir, onOutput: () => undefined }), stores);
}

async function failedBefore(job: Job, groups: readonly PlannedGroup[], { provenance }: OpenEnvironment['stores']): Promise<number> {
  const failed = new Set<TaskId>((await provenance.failures(job.sims)).map(({ task_id }) => task_id));
  if (failed.size === 0) return 0;
  let count = 0;
  for (const { missing } of groups)
    for (const [start, end] of missing) for (let task = start; task < end; task++) if (failed.has(job.tasks.idAt(task))) count++;
  return count;
}

async function estimateOf(
  job: Job,
  groups: readonly PlannedGroup[],
  { chunks, width, slots = 1 }: AttemptPlan,
  { resolved }: SubmitRequest,
  { objects }: OpenEnvironment['stores'],
): Promise<Estimate | null> {
  const sizeOf = (ranges: PlannedGroup['missing']) => ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  const past = await readPastRuns(objects, job.sims);
  if (past === undefined) return null;
  const sets = groups.map(({ start, missing }) => ({ values: job.tasks.valuesAt(job.tasks.groupOf(start).set), tasks: sizeOf(missing) }));
  const largestChunk = chunks.reduce((most, ranges) => Math.max(most, sizeOf(ranges)), 0);
  return estimateWork({ sets, parameters: resolved.model.description.parameters, lanes: width * slots, largestChunk }, past);
}
