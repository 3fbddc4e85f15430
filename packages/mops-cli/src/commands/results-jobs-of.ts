import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { jobsOf } from '../results/jobs-of.ts';
import { resolveResult } from '../results/resolve-result.ts';
import { envOption, resultArgument } from './options.ts';
import { renderUses } from './render-uses.ts';

export const command = defineCommand({
  examples: ['mops results jobs-of 3f9a1c'],
  args: z.object({ result: resultArgument }),
  options: z.object({ env: envOption }),
  schema: 'modelops.results.jobs-of/v1',
  document: async () => (await import('../documents/results.ts')).resultsJobsOf,
  run: async ({ result, env }, deps: MopsDeps) => {
    const { stores } = await deps.open(env);
    const { row } = await resolveResult(result, stores.cached);
    return { task_id: row.task_id, jobs: await jobsOf(row, stores) };
  },
  human: ({ jobs }) => renderUses(jobs),
});
