import { answering, isRunnable, type JobId, type JobState, type JobStatus, ModelOpsError, REOPENINGS } from '@modelops/contracts';
import { createJob, type Job } from '@modelops/worker';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { ResumeData } from '../documents/jobs.ts';
import type { RequestedWidth } from '../engines/engine.ts';
import { outputTotals } from './bind-study.ts';
import type { ReboundJob } from './rebind-job.ts';
import { diagnoseJob, settleJob } from './settle-job.ts';
import { startAttempt } from './start-attempt.ts';
import { divideTasks } from './submit-job.ts';

export interface ResumeOptions {
  readonly dryRun: boolean;
  /** The requested number of workers and slots. */
  readonly width: RequestedWidth;
  /** Bundle to bind the job to first, named as in `jobs submit --bundle`. */
  readonly bundle: string | undefined;
}

/** A resumed job that has not been waited for. */
export type ResumeReport = Omit<ResumeData, 'waited' | 'outcome'> & { readonly job: JobId };

/**
 * Continues a partial, failed or cancelled job, or one whose submission died on this machine: starts a new attempt with exactly the tasks
 * without a result. Of two concurrent resumes, one succeeds.
 * @throws ILLEGAL_TRANSITION for a job in any other state, CONFLICT if another resume was first, the errors of preflight for a bundle
 */
export async function resumeJob(
  id: JobId,
  { dryRun, width, bundle }: ResumeOptions,
  opened: OpenEnvironment,
  deps: Pick<MopsDeps, 'cwd' | 'home' | 'reporter'>,
): Promise<ResumeReport> {
  const { registry } = opened.stores;
  const spec = await registry.spec(id);
  const before = await endedState(createJob(spec), dryRun, opened);
  if (bundle === undefined && !isRunnable(spec))
    throw new ModelOpsError('PREFLIGHT_FAILED', `${id} was created by an older version that did not record the outputs of its model`, {
      hint: `mops jobs resume ${id} --bundle latest`,
    });
  const rebound = bundle === undefined ? undefined : await (await import('./rebind-job.ts')).rebindJob(spec, bundle, opened, deps);
  const job = rebound?.job ?? createJob(spec);
  const divide = () => divideTasks(job, opened.stores);
  const report = (tasks: number) => ({ job: id, tasks, rebinding: rebound?.rebinding ?? null });
  if (dryRun) return { ...report((await divide()).missing), attempt: nextAttempt(before), chunks: 0, status: before.status, dry_run: true };
  const submission = await reopen(before, rebound, opened);
  const start = { n: nextAttempt(submission), submission, divide, width };
  const { state, n, division, chunks } = await startAttempt(job, start, opened);
  return { ...report(division.missing), attempt: n, chunks, status: state.status, dry_run: false };
}

/** The state of a job that can be resumed. First ends a submission that died on this machine, unless this is a dry run. */
async function endedState(job: Job, dryRun: boolean, opened: OpenEnvironment): Promise<JobState> {
  const state = await opened.stores.registry.state(job.id);
  if (state.status !== 'pending' && state.status !== 'submitting') return requireResumable(state);
  const { repair } = await diagnoseJob(state, opened);
  const isDead = repair === 'abandon' || repair === 'validate';
  if (dryRun) return isDead ? state : requireResumable(state);
  return requireResumable(isDead ? (await settleJob(job, state, opened)).state : state);
}

/** @throws ILLEGAL_TRANSITION with the command to use instead */
function requireResumable(state: JobState): JobState {
  const { job_id, status } = state;
  if ((REOPENINGS.resume.from as readonly JobStatus[]).includes(status)) return state;
  throw new ModelOpsError(
    'ILLEGAL_TRANSITION',
    `cannot resume ${job_id}: it is ${status}, and only a job that is ${REOPENINGS.resume.from.join(' or ')} can be resumed`,
    {
      hint: status === 'succeeded' ? `to check its outputs again: mops jobs validate ${job_id} --force` : `mops jobs wait ${job_id}`,
    },
  );
}

function nextAttempt({ attempts }: Pick<JobState, 'attempts'>): number {
  return attempts.reduce((highest, attempt) => Math.max(highest, attempt.n), 0) + 1;
}

/** Changes the state and the bound bundle in one write, so that a concurrent second resume changes nothing. */
async function reopen(
  before: JobState,
  rebound: ReboundJob | undefined,
  { stores: { registry }, machine }: Pick<OpenEnvironment, 'stores' | 'machine'>,
): Promise<JobState> {
  await rebound?.publish();
  const bound =
    rebound === undefined
      ? {}
      : { bound: { spec: await registry.keepSpec(rebound.job.spec), expected_outputs: outputTotals(rebound.job) } };
  const reason = `attempt ${nextAttempt(before)}${rebound === undefined ? '' : ` with ${rebound.rebinding.to}`}`;
  const conflict = async (cause: ModelOpsError): Promise<never> => {
    const { job_id, status } = await registry.state(before.job_id);
    throw new ModelOpsError('CONFLICT', `another command resumed ${job_id} at the same time; it is ${status} now`, {
      hint: `mops jobs status ${job_id}`,
      cause,
    });
  };
  const reopening = registry.transition(before.job_id, { reopen: 'resume' }, { reason, submitter: machine, ...bound });
  return reopening.catch(answering(conflict, 'ILLEGAL_TRANSITION'));
}
