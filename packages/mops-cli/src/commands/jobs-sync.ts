import { defineCommand } from '@modelops/cli-kit';
import { isTerminal, JOB_STATUSES, messageOf } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import { z } from 'zod';
import type { MopsDeps } from '../deps.ts';
import { settleJob } from '../jobs/settle-job.ts';
import { envOption } from './options.ts';

export const jobsSync = defineCommand({
  name: 'jobs sync',
  summary: 'Compare every unfinished job with its engine and validate those whose workers have ended',
  examples: ['mops jobs sync', 'mops jobs sync --dry-run'],
  args: z.object({}),
  options: z.object({
    validate: z.boolean().default(true).describe('Only compare'),
    dryRun: z.boolean().default(false).describe('Say what would be validated, change nothing'),
    env: envOption,
  }),
  schema: 'modelops.jobs.sync/v1',
  run: async ({ validate, dryRun, env }, deps: MopsDeps) => {
    const opened = await deps.open(env);
    const jobs = [];
    for await (const state of opened.stores.registry.list({ status: JOB_STATUSES.filter((status) => !isTerminal(status)) })) {
      try {
        const job = createJob(await opened.stores.registry.spec(state.job_id));
        const settled = await settleJob(job, state, opened, { validate: validate && !dryRun });
        const phase = settled.view?.phase ?? null;
        jobs.push({ job: state.job_id, before: settled.before, status: settled.state.status, engine: phase, error: null });
      } catch (error) {
        jobs.push({ job: state.job_id, before: state.status, status: state.status, engine: null, error: messageOf(error) });
      }
    }
    return { jobs, changed: jobs.filter(({ before, status }) => before !== status).length };
  },
  human: ({ jobs, changed }) =>
    jobs.length === 0
      ? 'no unfinished jobs'
      : [
          ...jobs.map(
            ({ job, before, status, engine, error }) =>
              `${job}: ${before === status ? status : `${before} → ${status}`}${engine === null ? '' : ` (workers: ${engine})`}${error === null ? '' : ` error: ${error}`}`,
          ),
          `${changed} changed`,
        ].join('\n'),
  exit: ({ jobs }) => (jobs.some(({ error }) => error !== null) ? 6 : 0),
});
