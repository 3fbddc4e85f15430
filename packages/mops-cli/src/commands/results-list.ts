import { defineCommand, formatCount, formatTable, formatTime } from '@modelops/cli-kit';
import { shortId } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { periodOf } from '../jobs/select-jobs.ts';
import { type JobResults, listResults, type TargetResults } from '../results/list-results.ts';
import { envOption, filterOptions } from './options.ts';
import { paintStatus } from './render-job.ts';
import { shown } from './render-losses.ts';

export const command = defineCommand({
  examples: ['mops results list', 'mops results list --since 7d --label team=epi'],
  args: z.object({}),
  options: z.object({ ...filterOptions, limit: z.int().min(1).default(50).describe('Maximum number of jobs'), env: envOption }),
  schema: 'modelops.results.list/v1',
  document: async () => (await import('../documents/results.ts')).resultsList,
  run: async ({ status, label, since, until, limit, env }, deps: MopsDeps) => {
    const { stores, name } = await deps.open(env);
    const filter = { status, label, ...periodOf({ since, until }, stores.now()), limit: limit + 1 };
    const jobs = await listResults(filter, stores, deps.reporter.warn);
    return { environment: name, jobs: jobs.slice(0, limit), truncated: jobs.length > limit };
  },
  human: ({ jobs, environment }, style) =>
    jobs.length === 0
      ? `no matching jobs in environment ${environment}`
      : formatTable(jobs.flatMap(rowsOf), [
          { title: 'JOB', value: ({ job }) => job.job },
          { title: 'STATUS', value: ({ job }) => paintStatus(job.status, style) },
          { title: 'TASKS', value: ({ job }) => formatCount(job.tasks), align: 'right' },
          { title: 'TARGET', value: ({ target }) => target?.target },
          { title: 'LOSSES', value: ({ target }) => target && formatCount(target.losses), align: 'right' },
          { title: 'BEST LOSS', value: ({ target }) => shown(target?.best?.loss), align: 'right' },
          { title: 'PARAMETERS', value: ({ target }) => (target?.best ? shortId(target.best.param_id) : undefined) },
          { title: 'CREATED', value: ({ job }) => formatTime(job.created_at) },
          { title: 'NAME', value: ({ job }) => job.name ?? '' },
        ]),
  notes: ({ truncated, jobs }) =>
    truncated ? `more than ${formatCount(jobs.length, 'job')}: increase --limit, or filter with --since` : '',
});

/** One row per target of a job; a single row for a job without targets. */
function rowsOf(job: JobResults): { readonly job: JobResults; readonly target: TargetResults | undefined }[] {
  const { targets } = job;
  return targets === null || targets.length === 0 ? [{ job, target: undefined }] : targets.map((target) => ({ job, target }));
}
