import { defineCommand } from '@modelops/cli-kit';
import { z } from 'zod';
import type { MopsDeps } from '../deps.ts';
import { envOption, jobArgument } from './options.ts';

export const jobsLogs = defineCommand({
  name: 'jobs logs',
  summary: 'Show what the workers of the latest attempt said, and what the model printed',
  examples: ['mops jobs logs job-5b718dc8 --tail 20'],
  args: z.object({ job: jobArgument }),
  options: z.object({
    index: z.int().min(0).optional().describe('One worker'),
    tail: z.int().min(1).optional().describe('The last lines of each worker'),
    env: envOption,
  }),
  schema: 'modelops.jobs.logs/v1',
  run: async ({ job: name, index, tail, env }, deps: MopsDeps) => {
    const { stores, engine } = await deps.open(env);
    const job = await stores.registry.resolve(name);
    const attempt = (await stores.registry.state(job)).attempts.at(-1);
    const lines: string[] = [];
    if (attempt !== undefined && attempt.engine !== 'none') {
      const options = { ...(index === undefined ? {} : { index }), ...(tail === undefined ? {} : { tail }) };
      for await (const line of engine.logs(job, attempt, options)) lines.push(line);
    }
    return { job, lines };
  },
  human: ({ lines }) => lines.join('\n'),
});
