import { defineCommand } from '@modelops/cli-kit';
import type { MopsDeps } from '../deps.ts';
import type { CancelReport } from '../documents/jobs.ts';
import { cancelJob } from '../jobs/cancel-job.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { eachJob, presentEach } from './each-job.ts';
import { jobsInput } from './options.ts';

export const command = defineCommand({
  examples: ['mops jobs cancel job-5b718dc8', 'mops jobs cancel --label sweep=may --status running,scheduled'],
  ...jobsInput({}),
  run: async (input, deps: MopsDeps) => {
    const opened = await deps.open(input.env, { repairs: true });
    return eachJob(await selectJobs(input, opened.stores), (id) => cancelJob(id, opened));
  },
  ...presentEach<CancelReport>({
    schema: 'modelops.jobs.cancel/v1',
    document: async () => (await import('../documents/jobs.ts')).jobsCancel,
    human: ({ job, before, status, stops_on }) => {
      if (before === status) return `${job} is already ${status}`;
      const workers = stops_on === null ? '' : `; its workers on ${stops_on} stop after the chunks that they run now`;
      return `${job} ${status}${workers}; its results are kept\nnext: mops jobs resume ${job}`;
    },
  }),
});
