import { isModelOpsError, isRunnable, type JobId, type JobState, type JobStatus, ModelOpsError, REOPENINGS } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import { outputTotals } from './output-totals.ts';
import { type Rebinding, type ReboundJob, rebindJob } from './rebind-job.ts';
import { startAttempt } from './start-attempt.ts';
import { divideTasks } from './submit-job.ts';

export interface ResumeOptions {
  readonly dryRun: boolean;
  readonly workers: number | undefined;
  /** A bundle to bind the job to first, as `jobs submit --bundle` takes it. */
  readonly bundle: string | undefined;
}

export interface ResumeReport {
  readonly job: JobId;
  readonly attempt: number;
  readonly tasks: number;
  readonly chunks: number;
  readonly status: JobState['status'];
  readonly dry_run: boolean;
  /** Null where the job stays bound as it was. */
  readonly rebinding: Rebinding | null;
}

/**
 * Takes a partial, failed or cancelled job up again: a new attempt of exactly the tasks without a result. Of two at once one wins.
 * @throws ILLEGAL_TRANSITION for a job in any other state, CONFLICT when another was first, and what preflight refuses of a bundle
 */
export async function resumeJob(
  id: JobId,
  { dryRun, workers, bundle }: ResumeOptions,
  opened: OpenEnvironment,
  deps: Pick<MopsDeps, 'cwd' | 'reporter'>,
): Promise<ResumeReport> {
  const { registry } = opened.stores;
  const before = await registry.state(id);
  refuseUnlessOver(before);
  const spec = await registry.spec(id);
  if (bundle === undefined && !isRunnable(spec))
    throw new ModelOpsError('PREFLIGHT_FAILED', `${id} was made by an older version, and no worker knows its outputs`, {
      hint: `mops jobs resume ${id} --bundle latest binds it anew`,
    });
  const rebound = bundle === undefined ? undefined : await rebindJob(spec, bundle, opened, deps);
  const job = rebound?.job ?? createJob(spec);
  const divide = () => divideTasks(job, opened.stores);
  const report = (tasks: number) => ({ job: id, tasks, rebinding: rebound?.rebinding ?? null });
  if (dryRun) return { ...report((await divide()).missing), attempt: nextAttempt(before), chunks: 0, status: before.status, dry_run: true };
  const n = nextAttempt(await reopen(before, rebound, registry));
  const { state, division, chunks } = await startAttempt(job, { n, divide, workers }, opened);
  return { ...report(division.missing), attempt: n, chunks, status: state.status, dry_run: false };
}

/** Says of a job that resume does not take up what to type instead. */
function refuseUnlessOver({ job_id, status }: JobState): void {
  if ((REOPENINGS.resume.from as readonly JobStatus[]).includes(status)) return;
  throw new ModelOpsError(
    'ILLEGAL_TRANSITION',
    `${job_id} is ${status}; resume takes up a job that is ${REOPENINGS.resume.from.join(' or ')}`,
    {
      hint: status === 'succeeded' ? `mops jobs validate ${job_id} --force looks for its outputs again` : `mops jobs wait ${job_id}`,
    },
  );
}

function nextAttempt({ attempts }: JobState): number {
  return attempts.reduce((highest, attempt) => Math.max(highest, attempt.n), 0) + 1;
}

/** Moves the record, and with it what the job is bound to: whoever comes second changes nothing. */
async function reopen(
  before: JobState,
  rebound: ReboundJob | undefined,
  registry: OpenEnvironment['stores']['registry'],
): Promise<JobState> {
  await rebound?.publish();
  const set = rebound === undefined ? {} : { spec: await registry.keepSpec(rebound.job.spec), expected_outputs: outputTotals(rebound.job) };
  const reason = `attempt ${nextAttempt(before)}${rebound === undefined ? '' : ` with ${rebound.rebinding.to}`}`;
  try {
    return await registry.transition(before.job_id, { reopen: 'resume' }, { reason, set });
  } catch (error) {
    if (!isModelOpsError(error, 'ILLEGAL_TRANSITION')) throw error;
    const { job_id, status } = await registry.state(before.job_id);
    throw new ModelOpsError('CONFLICT', `${job_id} was taken up by another at the same time; it is ${status} now`, {
      hint: `mops jobs status ${job_id}`,
      cause: error,
    });
  }
}
