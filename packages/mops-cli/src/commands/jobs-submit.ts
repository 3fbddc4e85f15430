import { defineCommand, formatCount } from '@modelops/cli-kit';
import { type JobState, parseJobId } from '@modelops/contracts';
import { z } from 'zod';
import type { MopsDeps } from '../deps.ts';
import { locationOf } from '../jobs/describe-job.ts';
import { exitOfStatus } from '../jobs/exit-status.ts';
import { prepareSubmission } from '../jobs/prepare-submission.ts';
import { type SubmitReport, submitJob } from '../jobs/submit-job.ts';
import { submitOptions } from './submit-options.ts';
import { watchJob } from './watch-job.ts';

export interface SubmitData extends SubmitReport {
  readonly waited: boolean;
  readonly results: string | null;
  readonly verified: number;
  readonly missing: number;
}

export const jobsSubmit = defineCommand({
  name: 'jobs submit',
  summary: 'Bind a study to a bundle and run the tasks that have no result yet',
  examples: [
    'mops jobs submit study.json --auto --wait',
    'cb sampling sobol models/seir.ts:StochasticSEIR --n-samples 64 | mops jobs submit -',
    'mops jobs submit study.yaml --bundle latest --target-set calibration --label sweep=may',
  ],
  args: z.object({ study: z.string().describe('Study file, JSON or YAML; - reads stdin') }),
  options: z.object(submitOptions),
  schema: 'modelops.jobs.submit/v1',
  run: async (input, deps: MopsDeps): Promise<SubmitData> => {
    const opened = await deps.open(input.env);
    const { request, publish } = await prepareSubmission(input, opened, deps);
    await publish();
    const report = await submitJob(request, opened);
    deps.talk.note(
      `${report.job}: ${formatCount(report.tasks.total, 'task')}, ${formatCount(report.tasks.new)} new, ${formatCount(report.tasks.reused)} reused`,
    );
    const job = parseJobId(report.job);
    const state: JobState = input.wait ? await watchJob(job, input.timeout, opened, deps) : await opened.stores.registry.state(job);
    const isDone = state.validation_completed_at !== null;
    return {
      ...report,
      status: state.status,
      waited: input.wait,
      verified: state.tasks_verified,
      missing: state.missing_outputs.count,
      results: isDone ? locationOf(opened.environment.storage, `results/${job}/`) : null,
    };
  },
  human: ({ job, status, waited, results, tasks, missing }, { color }) => {
    if (!waited) return `${job}\n${status}; mops jobs wait ${job} waits for it`;
    const lines = [
      `${job} ${status === 'succeeded' ? color.green(status) : color.red(status)}: ${formatCount(tasks.total - Math.min(missing, tasks.total))} of ${formatCount(tasks.total, 'task')}`,
    ];
    if (results !== null) lines.push(`results: ${results}`);
    lines.push(status === 'succeeded' ? `next: mops results best ${job}` : `next: mops jobs status ${job}`);
    return lines.join('\n');
  },
  exit: ({ waited, status }) => (waited ? exitOfStatus(status) : 0),
});
