import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { openResults } from '../results/open-results.ts';
import { envOption, jobArgument } from './options.ts';
import { renderLossesByTarget } from './render-losses.ts';

export const resultsBest = defineCommand({
  examples: ['mops results best job-5b718dc8', 'mops results best --target prevalence -n 20'],
  args: z.object({ job: jobArgument.optional() }),
  options: z.object({
    target: z.string().optional().describe('Only this target'),
    nBest: z.int().min(1).default(10).describe('Parameter sets of each target').meta({ short: 'n' }),
    env: envOption,
  }),
  schema: 'modelops.results.best/v1',
  run: async ({ job: name, target, nBest, env }, deps: MopsDeps) => {
    const opened = await deps.open(env);
    const job = name === undefined ? undefined : await opened.stores.registry.resolve(name);
    const results = await openResults(opened, deps.reporter.warn);
    return { job: job ?? null, best: await results.getBestParameters({ job, target, nBest }) };
  },
  human: ({ best }, style) => renderLossesByTarget(best, style),
});
