import { defineCommand } from '@modelops/cli-kit';
import { isModelOpsError, isTerminal } from '@modelops/contracts';
import { z } from 'zod';
import type { MopsDeps } from '../deps.ts';
import { envOption, jobArgument } from './options.ts';

export const jobsCancel = defineCommand({
  name: 'jobs cancel',
  summary: 'Stop the workers of a job; its results stay',
  examples: ['mops jobs cancel job-5b718dc8'],
  args: z.object({ job: jobArgument }),
  options: z.object({ env: envOption }),
  schema: 'modelops.jobs.cancel/v1',
  run: async ({ job: name, env }, deps: MopsDeps) => {
    const { stores, engine } = await deps.open(env);
    const job = await stores.registry.resolve(name);
    const before = await stores.registry.state(job);
    let state = before;
    if (!isTerminal(before.status)) {
      try {
        state = await stores.registry.transition(job, { to: 'cancelled' }, { reason: 'mops jobs cancel' });
      } catch (error) {
        if (!isModelOpsError(error, 'ILLEGAL_TRANSITION')) throw error;
        state = await stores.registry.state(job); // it ended at the same moment
      }
    }
    const attempt = before.attempts.at(-1);
    if (attempt !== undefined && attempt.engine !== 'none') await engine.stop(job, attempt);
    return { job, before: before.status, status: state.status };
  },
  human: ({ job, before, status }) =>
    before === status ? `${job} is ${status} already` : `${job} ${status}; its results stay; mops jobs resume ${job} takes it up again`,
});
