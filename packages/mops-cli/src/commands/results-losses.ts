import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { noLossesOf } from '../results/best-losses.ts';
import { openResults } from '../results/open-results.ts';
import { envOption, jobArgument } from './options.ts';
import { refuseUnknownParameter, renderLossPlot } from './render-loss-plot.ts';
import { renderLosses } from './render-losses.ts';

export const command = defineCommand({
  examples: ['mops results losses job-5b718dc8 --json', 'mops results losses job-5b718dc8 --plot beta'],
  args: z.object({ job: jobArgument }),
  options: z.object({
    target: z.string().optional().describe('Only this target'),
    limit: z.int().min(1).optional().describe('Maximum number of rows'),
    plot: z.string().optional().describe('Plot the losses against this parameter').meta({ placeholder: 'PARAMETER' }),
    env: envOption,
  }),
  schema: 'modelops.results.losses/v1',
  document: async () => (await import('../documents/results.ts')).resultsLosses,
  run: async ({ job: name, target, limit, plot, env }, deps: MopsDeps) => {
    const opened = await deps.open(env);
    const job = await opened.stores.registry.resolve(name);
    const results = await openResults(opened, deps.reporter.warn);
    const losses = await results.getLosses(job, { target, limit });
    if (target !== undefined && losses.length === 0) {
      const { binding } = await opened.stores.registry.spec(job);
      const known = binding.targets.map(({ name: one }) => one);
      if (!known.includes(target)) throw noLossesOf(target, known);
    }
    if (plot !== undefined) refuseUnknownParameter(losses, plot);
    return { job, losses, ...(plot === undefined ? {} : { plot }) };
  },
  human: ({ losses, plot }, style) => (plot === undefined ? renderLosses(losses) : renderLossPlot(losses, plot, style)),
});
