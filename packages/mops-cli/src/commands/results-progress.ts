import { defineCommand, formatCount, formatTable, formatTime } from '@modelops/cli-kit';
import { shortId } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { periodOf } from '../jobs/select-jobs.ts';
import { listResults } from '../results/list-results.ts';
import { lossProgress } from '../results/loss-progress.ts';
import { envOption, filterOptions } from './options.ts';
import { shown } from './render-losses.ts';

export const command = defineCommand({
  examples: ['mops results progress --target prevalence', 'mops results progress --target prevalence --since 30d'],
  args: z.object({}),
  options: z.object({ target: z.string().optional().describe('Target (default: the only one)'), ...filterOptions, env: envOption }),
  schema: 'modelops.results.progress/v1',
  document: async () => (await import('../documents/results.ts')).resultsProgress,
  run: async ({ target, status, label, since, until, env }, deps: MopsDeps) => {
    const { stores } = await deps.open(env);
    const jobs = await listResults({ status, label, ...periodOf({ since, until }, stores.now()) }, stores, deps.reporter.warn);
    return lossProgress(jobs, target, stores.objects);
  },
  human: ({ steps }) => {
    const versions = new Set(steps.map(({ target_digest }) => target_digest));
    return formatTable(steps, [
      { title: 'CREATED', value: ({ created_at }) => formatTime(created_at) },
      { title: 'JOB', value: ({ job }) => job },
      ...(versions.size > 1
        ? [
            {
              title: 'TARGET VERSION',
              value: ({ target_digest }: { target_digest: string | null }) => shortId((target_digest ?? '-').replace(/^sha256:/, '')),
            },
          ]
        : []),
      { title: 'LOSSES', value: ({ losses }) => formatCount(losses), align: 'right' },
      { title: 'BEST LOSS', value: ({ best_loss }) => shown(best_loss), align: 'right' },
      {
        title: 'BEST SO FAR',
        value: ({ best_so_far, is_new_best }) => `${shown(best_so_far)}${is_new_best ? ' *' : '  '}`,
        align: 'right',
      },
    ]);
  },
  notes: ({ steps }) =>
    new Set(steps.map(({ target_digest }) => target_digest)).size > 1
      ? 'the target changed between these jobs; "best so far" restarts with each version'
      : '',
});
