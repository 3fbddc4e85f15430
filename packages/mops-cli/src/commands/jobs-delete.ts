import { defineCommand, formatCount } from '@modelops/cli-kit';
import { type JobState, ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import type { DeleteReport } from '../documents/jobs.ts';
import { deleteJob, refuseUnended } from '../jobs/delete-job.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { eachJob, presentEach } from './each-job.ts';
import { jobsInput } from './options.ts';

const NAMED = 10;

export const command = defineCommand({
  examples: ['mops jobs delete job-5b718dc8 --yes', 'mops jobs delete --status failed,cancelled --until 30d --yes'],
  ...jobsInput({
    yes: z.boolean().default(false).describe('Delete; without it, the command only lists what it would delete').meta({ short: 'y' }),
  }),
  run: async (input, deps: MopsDeps) => {
    const opened = await deps.open(input.env);
    const selected = await selectJobs(input, opened.stores);
    if (input.yes) return eachJob(selected, (id) => deleteJob(id, opened));
    const states = await Promise.all(selected.ids.map((id) => opened.stores.registry.state(id)));
    if (selected.isOne) refuseUnended(states[0]!);
    throw unconfirmed(states);
  },
  ...presentEach<DeleteReport>({
    schema: 'modelops.jobs.delete/v1',
    document: async () => (await import('../documents/jobs.ts')).jobsDelete,
    human: ({ job, before, tasks }) => `${job} (${before}, ${formatCount(tasks, 'task')}) deleted; its simulation results are kept`,
  }),
});

function unconfirmed(states: readonly JobState[]): ModelOpsError {
  const named = states.slice(0, NAMED).map(({ job_id, status }) => `${job_id} (${status})`);
  const rest = states.length > NAMED ? ` and ${states.length - NAMED} more` : '';
  return new ModelOpsError('USAGE', `would delete ${named.join(', ')}${rest}`, { hint: 'add --yes to delete' });
}
