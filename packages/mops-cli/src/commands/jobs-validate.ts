import { defineCommand, formatCount } from '@modelops/cli-kit';
import { isTerminal } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import { z } from 'zod';
import type { MopsDeps } from '../deps.ts';
import { exitOfStatus } from '../jobs/exit-status.ts';
import { settleJob, validateByOutputs } from '../jobs/settle-job.ts';
import { envOption, jobArgument } from './options.ts';

export const jobsValidate = defineCommand({
  name: 'jobs validate',
  summary: 'Check that every output of a job exists, and name what is missing',
  examples: ['mops jobs validate job-5b718dc8 --force'],
  args: z.object({ job: jobArgument }),
  options: z.object({ force: z.boolean().default(false).describe('Check a job again that succeeded or is partial'), env: envOption }),
  schema: 'modelops.jobs.validate/v1',
  run: async ({ job: name, force, env }, deps: MopsDeps) => {
    const opened = await deps.open(env);
    const { registry } = opened.stores;
    const id = await registry.resolve(name);
    const before = await registry.state(id);
    if (before.expected_outputs === null) {
      deps.talk.warn(`${id} is a record from before manifests: nothing to validate against`);
      return { job: id, before: before.status, status: before.status, verified: 0, missing: before.missing_outputs, skipped: true };
    }
    const job = createJob(await registry.spec(id));
    let state = before;
    if (!isTerminal(before.status)) state = (await settleJob(job, before, opened)).state;
    else if (force && (before.status === 'succeeded' || before.status === 'partial')) {
      state = await validateByOutputs(
        job,
        await registry.transition(id, { reopen: 'revalidate' }, { reason: 'mops jobs validate --force' }),
        opened,
      );
    }
    return {
      job: id,
      before: before.status,
      status: state.status,
      verified: state.tasks_verified,
      missing: state.missing_outputs,
      skipped: false,
    };
  },
  human: ({ job, before, status, verified, missing }) => {
    const lines = [
      `${job}: ${before === status ? status : `${before} → ${status}`}, ${formatCount(verified, 'task')} verified, ${formatCount(missing.count)} missing`,
    ];
    for (const name of missing.first) lines.push(`  missing ${name}`);
    if (missing.count > missing.first.length) lines.push(`  … and ${formatCount(missing.count - missing.first.length)} more`);
    if (missing.count > 0) lines.push(`next: mops jobs resume ${job}`);
    return lines.join('\n');
  },
  exit: ({ status }) => exitOfStatus(status),
});
