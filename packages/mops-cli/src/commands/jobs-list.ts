import { defineCommand, formatCount, formatTable } from '@modelops/cli-kit';
import type { JobId, JobState, ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { periodOf } from '../jobs/select-jobs.ts';
import { envOption, filterOptions } from './options.ts';
import { paintStatus } from './render-job.ts';

export const jobsList = defineCommand({
  examples: ['mops jobs list --status running,scheduled', 'mops jobs list --since 7d --label team=epi --limit 10'],
  args: z.object({}),
  options: z.object({
    ...filterOptions,
    limit: z.int().min(1).default(50).describe('Maximum number of jobs'),
    after: z.string().optional().describe('Continue after this job, the last of the previous page').meta({ placeholder: 'JOB' }),
    env: envOption,
  }),
  schema: 'modelops.jobs.list/v1',
  run: async ({ status, label, since, until, limit, after, env }, deps: MopsDeps) => {
    const { stores, name } = await deps.open(env);
    const from = after === undefined ? {} : { after: await stores.registry.resolve(after) };
    const jobs = [];
    const onUnreadable = (_id: JobId, { message, hint }: ModelOpsError) => deps.reporter.warn(`skipped: ${message} (${hint})`);
    const filter = { status, label, ...periodOf({ since, until }, stores.now()), ...from, onUnreadable };
    for await (const state of stores.registry.list({ ...filter, limit: limit + 1 })) jobs.push(rowOf(state));
    const hasMore = jobs.length > limit;
    return { environment: name, jobs: jobs.slice(0, limit), next: hasMore ? jobs[limit - 1]!.job : null };
  },
  human: ({ jobs, environment }, style) =>
    jobs.length === 0
      ? `no matching jobs in environment ${environment}`
      : formatTable(jobs, [
          { title: 'JOB', value: ({ job }) => job },
          { title: 'STATUS', value: ({ status }) => paintStatus(status, style) },
          { title: 'TASKS', value: ({ tasks }) => formatCount(tasks), align: 'right' },
          { title: 'MISSING', value: ({ missing }) => formatCount(missing), align: 'right' },
          { title: 'CREATED', value: ({ created_at }) => created_at.slice(0, 19).replace('T', ' ') },
          { title: 'NAME', value: ({ name }) => name ?? '' },
        ]),
  notes: ({ next }) => (next === null ? '' : `more jobs: --after ${next}`),
});

function rowOf({ job_id, status, name, tasks_total, missing_outputs, created_at, labels }: JobState) {
  return { job: job_id, status, name, tasks: tasks_total, missing: missing_outputs.count, created_at, labels };
}
