import { defineCommand } from '@modelops/cli-kit';
import type { JobState } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { cancelJob } from '../jobs/cancel-job.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { eachJob, presentEach } from './each-job.ts';
import { envOption, filterOptions, jobsArgument } from './options.ts';

interface CancelReport {
  readonly job: string;
  readonly before: JobState['status'];
  readonly status: JobState['status'];
}

export const jobsCancel = defineCommand({
  examples: ['mops jobs cancel job-5b718dc8', 'mops jobs cancel --label sweep=may --status running,scheduled'],
  args: z.object({ job: jobsArgument }),
  options: z.object({ ...filterOptions, env: envOption }),
  run: async (input, deps: MopsDeps) => {
    const opened = await deps.open(input.env);
    return eachJob(await selectJobs(input, opened.stores), (id) => cancelJob(id, opened));
  },
  ...presentEach<CancelReport>({
    schema: 'modelops.jobs.cancel/v1',
    human: ({ job, before, status }) =>
      before === status ? `${job} is ${status} already` : `${job} ${status}; its results stay; mops jobs resume ${job} takes it up again`,
  }),
});
