import { defineCommand, formatCount } from '@modelops/cli-kit';
import type { MopsDeps } from '../deps.ts';
import type { ReindexReport } from '../documents/results.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { reindexJob } from '../results/reindex-job.ts';
import { eachJob, presentEach } from './each-job.ts';
import { jobsInput } from './options.ts';

export const command = defineCommand({
  examples: ['mops results reindex job-5b718dc8', 'mops results reindex --status succeeded,partial'],
  ...jobsInput({}),
  run: async (input, deps: MopsDeps) => {
    const { stores } = await deps.open(input.env);
    return eachJob(await selectJobs(input, stores), (id) => reindexJob(id, stores));
  },
  ...presentEach<ReindexReport>({
    schema: 'modelops.results.reindex/v1',
    document: async () => (await import('../documents/results.ts')).resultsReindex,
    human: ({ job, rows, losses, changed }) =>
      `${job}: ${formatCount(rows, 'row')}, ${formatCount(losses)} with a loss${changed ? '' : '; the files did not change'}`,
  }),
});
