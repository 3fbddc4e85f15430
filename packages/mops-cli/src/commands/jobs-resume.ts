import { defineCommand, formatCount } from '@modelops/cli-kit';
import { z } from 'zod';
import type { MopsDeps } from '../deps.ts';
import { exitOfStatus } from '../jobs/exit-status.ts';
import { resumeJob } from '../jobs/resume-job.ts';
import { envOption, jobArgument, timeoutOption } from './options.ts';
import { watchJob } from './watch-job.ts';

export const jobsResume = defineCommand({
  name: 'jobs resume',
  summary: 'Run the tasks of a job whose outputs are missing',
  examples: ['mops jobs resume job-5b718dc8 --wait', 'mops jobs resume job-5b718dc8 --dry-run'],
  args: z.object({ job: jobArgument }),
  options: z.object({
    dryRun: z.boolean().default(false).describe('Say what would run, start nothing'),
    workers: z.int().min(1).optional().describe('Number of workers'),
    wait: z.boolean().default(false).describe('Wait until the job is done'),
    timeout: timeoutOption,
    env: envOption,
  }),
  schema: 'modelops.jobs.resume/v1',
  run: async ({ job: name, dryRun, workers, wait, timeout, env }, deps: MopsDeps) => {
    const opened = await deps.open(env);
    const id = await opened.stores.registry.resolve(name);
    const report = await resumeJob(id, { dryRun, workers }, opened);
    if (dryRun || !wait) return { ...report, waited: false };
    deps.talk.note(`${id}: ${formatCount(report.tasks, 'task')} as attempt ${report.attempt}`);
    return { ...report, status: (await watchJob(id, timeout, opened, deps)).status, waited: true };
  },
  human: ({ job, tasks, attempt, dry_run, status, waited }) => {
    if (dry_run) return `${formatCount(tasks, 'task')} of ${job} would run as attempt ${attempt}`;
    return waited ? `${job} ${status} after attempt ${attempt}` : `${formatCount(tasks, 'task')} of ${job} submitted as attempt ${attempt}`;
  },
  exit: ({ waited, status }) => (waited ? exitOfStatus(status) : 0),
});
