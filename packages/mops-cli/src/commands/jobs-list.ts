import { defineCommand, formatCount, formatTable } from '@modelops/cli-kit';
import { JOB_STATUSES } from '@modelops/contracts';
import { z } from 'zod';
import type { MopsDeps } from '../deps.ts';
import { envOption } from './options.ts';

export const jobsList = defineCommand({
  name: 'jobs list',
  summary: 'List jobs, newest first',
  examples: ['mops jobs list --status running --limit 10'],
  args: z.object({}),
  options: z.object({
    status: z.array(z.enum(JOB_STATUSES)).default([]).describe('Only jobs in these states'),
    label: z.record(z.string(), z.string()).default({}).describe('Only jobs with this label'),
    limit: z.int().min(1).default(50).describe('At most so many'),
    env: envOption,
  }),
  schema: 'modelops.jobs.list/v1',
  run: async ({ status, label, limit, env }, deps: MopsDeps) => {
    const { stores, name } = await deps.open(env);
    const jobs = [];
    for await (const state of stores.registry.list({ status, label, limit })) {
      jobs.push({
        job: state.job_id,
        status: state.status,
        name: state.name,
        tasks: state.tasks_total,
        missing: state.missing_outputs.count,
        created_at: state.created_at,
        labels: state.labels,
      });
    }
    return { environment: name, jobs };
  },
  human: ({ jobs, environment }) =>
    jobs.length === 0
      ? `no jobs in environment ${environment}; mops jobs submit STUDY starts one`
      : formatTable(jobs, [
          { title: 'JOB', value: ({ job }) => job },
          { title: 'STATUS', value: ({ status }) => status },
          { title: 'TASKS', value: ({ tasks }) => formatCount(tasks), align: 'right' },
          { title: 'MISSING', value: ({ missing }) => formatCount(missing), align: 'right' },
          { title: 'CREATED', value: ({ created_at }) => created_at.slice(0, 19).replace('T', ' ') },
          { title: 'NAME', value: ({ name }) => name ?? '' },
        ]),
});
