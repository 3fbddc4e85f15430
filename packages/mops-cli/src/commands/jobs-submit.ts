import { defineCommand, formatCount, jsonDocument, type Style } from '@modelops/cli-kit';
import { type JobId, ModelOpsError, parseJobId } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { SubmissionPlan, SubmitData } from '../documents/jobs.ts';
import { exitOfStatus } from '../jobs/exit-status.ts';
import { reportInterruption } from '../jobs/interrupted-submission.ts';
import { prepareSubmission, type Submission } from '../jobs/prepare-submission.ts';
import { locationOf, shownMissing } from '../jobs/shown-state.ts';
import { type SubmitReport, submitJob } from '../jobs/submit-job.ts';
import { describeWaited } from './describe-missing.ts';
import { refuseIdleTimeout } from './options.ts';
import { nextOfResults, paintStatus } from './render-job.ts';
import { renderPlan } from './render-plan.ts';
import { type SubmitOptions, submitOptions } from './submit-options.ts';
import type { Waited } from './watch-job.ts';

const SCHEMA = 'modelops.jobs.submit/v1';
const PLAN_SCHEMA = 'modelops.jobs.plan/v1';

export const command = defineCommand({
  examples: [
    'mops jobs submit study.json --auto --wait',
    'cb sampling sobol models/seir.ts:StochasticSEIR --n-samples 64 | mops jobs submit -',
    'mops jobs submit study.json --plan',
    'mops jobs submit study.yaml --bundle latest --target-set calibration --label sweep=may',
  ],
  args: z.object({ study: z.string().describe('Study file, JSON or YAML; - reads stdin') }),
  options: submitOptions,
  schema: SCHEMA,
  document: async () => (await import('../documents/jobs.ts')).jobsSubmit,
  run: async (input, deps: MopsDeps): Promise<SubmitData | SubmissionPlan> => {
    const isPlan = input.plan || input.pilot !== undefined;
    const isWaited = input.wait || input.follow;
    const opened = await deps.open(input.env, { repairs: !isPlan });
    refuseIdleTimeout(input.timeout, isWaited);
    if (isPlan && isWaited)
      throw new ModelOpsError('USAGE', '--plan cannot be combined with --wait or --follow', { hint: 'remove one of them' });
    if (isPlan) return plan(await prepareSubmission(input, opened, deps), input.pilot, opened);
    const report = await submit(input, opened, deps);
    const { total, new: fresh, reused } = report.tasks;
    deps.reporter.note(`${report.job}: ${formatCount(total, 'task')}, ${formatCount(fresh)} new, ${formatCount(reused)} reused`);
    const job = parseJobId(report.job);
    const { state, done } = isWaited
      ? await waitFor(job, input, opened, deps)
      : { state: await opened.stores.registry.state(job), done: reused };
    const isDone = state.validation_completed_at !== null;
    return {
      ...report,
      status: state.status,
      waited: isWaited,
      done,
      verified: state.tasks_verified,
      missing: shownMissing(state),
      results: isDone ? locationOf(opened.environment.storage, `results/${job}/`) : null,
    };
  },
  human: (data, style) => ('job' in data ? renderSubmitted(data, style) : renderPlan(data)),
  json: (data) => jsonDocument('job' in data ? SCHEMA : PLAN_SCHEMA, data),
  exit: (data) => ('job' in data && data.waited ? exitOfStatus(data.status) : 0),
});

interface Wait {
  readonly follow: boolean;
  readonly timeout?: number | undefined;
}

async function waitFor(job: JobId, { follow, timeout }: Wait, opened: OpenEnvironment, deps: MopsDeps): Promise<Waited> {
  if (follow) return (await import('./follow-job.ts')).followJob(job, timeout, opened, deps);
  return (await import('./watch-job.ts')).watchJob(job, timeout, opened, deps);
}

async function submit(options: SubmitOptions, opened: OpenEnvironment, deps: MopsDeps): Promise<SubmitReport> {
  const progress = reportInterruption(deps.signal, deps.reporter);
  try {
    const { request, publish } = await prepareSubmission(options, opened, deps);
    await publish();
    if (deps.signal.aborted) throw new ModelOpsError('INTERRUPTED', 'interrupted before a job was created');
    const report = await submitJob(request, opened, { signal: deps.signal, ...progress });
    progress.onStarted();
    return report;
  } finally {
    progress.end();
  }
}

/** A pilot pushes the bundle, because its results refer to it. */
async function plan(
  { request, isUnpushed, publish }: Submission,
  pilot: number | undefined,
  opened: OpenEnvironment,
): Promise<SubmissionPlan> {
  const { planSubmission } = await import('../jobs/plan-submission.ts');
  if (pilot === undefined) return planSubmission(request, { pilot: 0, isUnpushed }, opened);
  await publish();
  return planSubmission(request, { pilot, isUnpushed: false }, opened);
}

function renderSubmitted({ job, status, waited, results, tasks, done, verified, missing, targets }: SubmitData, style: Style): string {
  if (!waited) return `${job}\n${status}\nnext: mops jobs wait ${job}`;
  const lines = [`${job} ${paintStatus(status, style)}: ${describeWaited({ status, tasks: tasks.total, done, verified, missing })}`];
  if (results !== null) lines.push(`results: ${results}`);
  lines.push(status === 'succeeded' ? nextOfResults(job, targets) : `next: mops jobs status ${job}`);
  return lines.join('\n');
}
