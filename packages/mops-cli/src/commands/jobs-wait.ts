import { defineCommand, formatCount } from '@modelops/cli-kit';
import { z } from 'zod';
import type { MopsDeps } from '../deps.ts';
import { exitOfStatus } from '../jobs/exit-status.ts';
import { envOption, jobArgument, timeoutOption } from './options.ts';
import { watchJob } from './watch-job.ts';

export const jobsWait = defineCommand({
  name: 'jobs wait',
  summary: 'Wait until a job is done; the exit status says how it ended',
  examples: ['mops jobs wait job-5b718dc8 --timeout 600'],
  args: z.object({ job: jobArgument }),
  options: z.object({ timeout: timeoutOption, env: envOption }),
  schema: 'modelops.jobs.wait/v1',
  run: async ({ job: name, timeout, env }, deps: MopsDeps) => {
    const opened = await deps.open(env);
    const job = await opened.stores.registry.resolve(name);
    const state = await watchJob(job, timeout, opened, deps);
    return { job, status: state.status, tasks: state.tasks_total, verified: state.tasks_verified, missing: state.missing_outputs };
  },
  human: ({ job, status, verified, tasks }) => `${job} ${status}: ${formatCount(verified)} of ${formatCount(tasks, 'task')}`,
  exit: ({ status }) => exitOfStatus(status),
});
