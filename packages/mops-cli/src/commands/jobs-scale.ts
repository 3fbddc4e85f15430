import { defineCommand, formatCount } from '@modelops/cli-kit';
import type { MopsDeps } from '../deps.ts';
import type { ScaleReport } from '../documents/jobs.ts';
import { scaleJob } from '../jobs/scale-job.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { eachJob, presentEach } from './each-job.ts';
import { jobsInput, widthOptions } from './options.ts';

export const command = defineCommand({
  examples: ['mops jobs scale job-5b718dc8 --workers 32', 'mops jobs scale --label sweep=may --status running --workers 1'],
  ...jobsInput({ workers: widthOptions.workers.unwrap().describe('Number of workers from now on') }),
  run: async (input, deps: MopsDeps) => {
    const opened = await deps.open(input.env, { repairs: true });
    return eachJob(await selectJobs(input, opened.stores), (id) => scaleJob(id, input.workers, opened));
  },
  ...presentEach<ScaleReport>({
    schema: 'modelops.jobs.scale/v1',
    document: async () => (await import('../documents/jobs.ts')).jobsScale,
    human: ({ job, before, workers, most }) => {
      const limit = workers === most ? '; its chunks occupy no more' : '';
      if (workers === before) return `${job} already has ${formatCount(workers, 'worker')}${limit}`;
      return `${job}: ${formatCount(workers, 'worker')}, before ${formatCount(before)}${limit}\nnext: mops jobs status ${job}`;
    },
  }),
});
