import { defineCommand, formatCount, formatTable, formatTime } from '@modelops/cli-kit';
import { isTerminal, type JobId, type JobState, type ModelOpsError } from '@modelops/contracts';
import { mapConcurrently } from '@modelops/system';
import * as z from 'zod';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import { periodOf } from '../jobs/select-jobs.ts';
import { envOption, filterOptions } from './options.ts';
import { paintStatus } from './render-job.ts';

/** Maximum number of unfinished jobs whose progress is read concurrently. */
const CONCURRENT = 8;

export const command = defineCommand({
  examples: ['mops jobs list --status running,scheduled', 'mops jobs list --since 7d --label team=epi --limit 10'],
  args: z.object({}),
  options: z.object({
    ...filterOptions,
    limit: z.int().min(1).default(50).describe('Maximum number of jobs'),
    after: z.string().optional().describe('Continue after this job, the last of the previous page').meta({ placeholder: 'JOB' }),
    env: envOption,
  }),
  schema: 'modelops.jobs.list/v1',
  document: async () => (await import('../documents/jobs.ts')).jobsList,
  run: async ({ status, label, since, until, limit, after, env }, deps: MopsDeps) => {
    const { stores, name } = await deps.open(env);
    const from = after === undefined ? {} : { after: await stores.registry.resolve(after) };
    const states: JobState[] = [];
    const onUnreadable = (_id: JobId, { message, hint }: ModelOpsError) => deps.reporter.warn(`skipped: ${message} (${hint})`);
    const filter = { status, label, ...periodOf({ since, until }, stores.now()), ...from, onUnreadable };
    for await (const state of stores.registry.list({ ...filter, limit: limit + 1 })) states.push(state);
    const shown = states.slice(0, limit);
    const jobs = await mapConcurrently(shown, CONCURRENT, async (state) => rowOf(state, await doneOf(state, stores)));
    return { environment: name, jobs, next: states.length > limit ? shown.at(-1)!.job_id : null };
  },
  human: ({ jobs, environment }, style) =>
    jobs.length === 0
      ? `no matching jobs in environment ${environment}`
      : formatTable(jobs, [
          { title: 'JOB', value: ({ job }) => job },
          { title: 'STATUS', value: ({ status }) => paintStatus(status, style) },
          { title: 'TASKS', value: ({ tasks }) => formatCount(tasks), align: 'right' },
          { title: 'DONE', value: ({ done }) => formatCount(done), align: 'right' },
          { title: 'MISSING', value: ({ missing }) => (missing === null ? null : formatCount(missing)), align: 'right' },
          { title: 'CREATED', value: ({ created_at }) => formatTime(created_at) },
          { title: 'NAME', value: ({ name }) => name ?? '' },
        ]),
  notes: ({ next }) => (next === null ? '' : `more jobs: --after ${next}`),
});

/** Of an ended job from its record; of others from the `done` records of their workers. */
async function doneOf(state: JobState, stores: OpenEnvironment['stores']): Promise<number> {
  if (isTerminal(state.status)) return state.tasks_verified;
  const { createProgressReader } = await import('../jobs/wait-job.ts');
  return (await createProgressReader(state.job_id, { stores })(state)).done;
}

/** The missing outputs of an unfinished job are unknown. */
function rowOf({ job_id, status, name, tasks_total, missing_outputs, created_at, labels }: JobState, done: number) {
  const missing = isTerminal(status) ? missing_outputs.count : null;
  return { job: job_id, status, name, tasks: tasks_total, done, missing, created_at, labels };
}
