import { defineCommand, formatCount } from '@modelops/cli-kit';
import { isTerminal, type JobState } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { exitOfStatus } from '../jobs/exit-status.ts';
import { lacksManifest } from '../jobs/plan-repair.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { type ShownMissing, shownMissing } from '../jobs/shown-state.ts';
import { describeOutcome } from './describe-missing.ts';
import { eachJob, presentEach } from './each-job.ts';
import { envOption, filterOptions, jobsArgument, timeoutOption } from './options.ts';
import { NO_MANIFEST, paintStatus } from './render-job.ts';
import { openWatch } from './watch-job.ts';

interface WaitReport {
  readonly job: string;
  readonly status: JobState['status'];
  readonly tasks: number;
  readonly verified: number;
  readonly missing: ShownMissing;
}

export const jobsWait = defineCommand({
  examples: ['mops jobs wait job-5b718dc8 --timeout 600', 'mops jobs wait job-5b718dc8 job-77aa0123', 'mops jobs wait --label sweep=may'],
  args: z.object({ job: jobsArgument }),
  options: z.object({ timeout: timeoutOption, ...filterOptions, env: envOption }),
  run: async (input, deps: MopsDeps) => {
    const opened = await deps.open(input.env, { repairs: true });
    const selected = await selectJobs(input, opened.stores);
    const watch = await openWatch(selected.ids, input.timeout, opened, deps);
    try {
      return await eachJob(
        selected,
        async (id) => {
          const state = await watch.wait(id);
          if (lacksManifest(state)) deps.reporter.warn(`${id} cannot be waited for: ${NO_MANIFEST}`);
          return reportOf(state);
        },
        selected.ids.length,
      );
    } finally {
      watch.finish();
    }
  },
  ...presentEach<WaitReport>({
    schema: 'modelops.jobs.wait/v1',
    document: async () => (await import('../documents/jobs.ts')).jobsWait,
    human: ({ job, status, tasks, verified, missing }, style) => {
      // The results of a cancelled job are not verified, and a running job has no missing outputs yet.
      const soFar = `${formatCount(verified)} of ${formatCount(tasks, 'task')}`;
      const outcome = isTerminal(status) ? describeOutcome({ tasks, verified, missing }) : soFar;
      const count = status === 'cancelled' ? '' : `: ${outcome}`;
      const line = `${job} ${paintStatus(status, style)}${count}`;
      return status === 'succeeded' ? line : `${line}\nnext: mops jobs status ${job}`;
    },
    exit: ({ status }) => exitOfStatus(status),
  }),
});

function reportOf(state: JobState): WaitReport {
  const { job_id, status, tasks_total, tasks_verified } = state;
  return { job: job_id, status, tasks: tasks_total, verified: tasks_verified, missing: shownMissing(state) };
}
