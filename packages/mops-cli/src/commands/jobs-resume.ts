import { defineCommand, formatCount } from '@modelops/cli-kit';
import { isTerminal } from '@modelops/contracts';
import { z } from 'zod';
import type { MopsDeps } from '../deps.ts';
import { exitOfStatus } from '../jobs/exit-status.ts';
import { type ResumeReport, resumeJob } from '../jobs/resume-job.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { eachJob, isFailure, presentEach } from './each-job.ts';
import { envOption, filterOptions, jobsArgument, timeoutOption } from './options.ts';
import { paintStatus } from './render-job.ts';
import { createWatch } from './watch-job.ts';

interface ResumeData extends ResumeReport {
  readonly waited: boolean;
}

export const jobsResume = defineCommand({
  name: 'jobs resume',
  summary: 'Run the tasks of jobs whose outputs are missing',
  examples: [
    'mops jobs resume job-5b718dc8 --wait',
    'mops jobs resume job-5b718dc8 --dry-run',
    'mops jobs resume --status partial --since 1d',
  ],
  args: z.object({ job: jobsArgument }),
  options: z.object({
    dryRun: z.boolean().default(false).describe('Say what would run, start nothing'),
    workers: z.int().min(1).optional().describe('Number of workers'),
    wait: z.boolean().default(false).describe('Wait until the jobs are done; the exit status says how the worst of them ended'),
    timeout: timeoutOption,
    ...filterOptions,
    env: envOption,
  }),
  run: async (input, deps: MopsDeps) => {
    const { dryRun, workers, wait, timeout } = input;
    const opened = await deps.open(input.env);
    const selected = await selectJobs(input, opened.stores);
    const resumed = await eachJob(selected, async (id): Promise<ResumeData> => {
      const report = await resumeJob(id, { dryRun, workers }, opened);
      if (!dryRun && wait) deps.talk.note(`${id}: ${formatCount(report.tasks, 'task')} as attempt ${report.attempt}`);
      return { ...report, waited: wait && !dryRun };
    });
    const started = resumed.jobs.flatMap((report) => (!isFailure(report) && report.waited ? [report.job] : []));
    if (started.length === 0) return resumed;
    const watch = createWatch(started, timeout, opened, deps);
    try {
      const jobs = await Promise.all(
        resumed.jobs.map(async (report) =>
          isFailure(report) || isTerminal(report.status) ? report : { ...report, status: (await watch.wait(report.job)).status },
        ),
      );
      return { ...resumed, jobs };
    } finally {
      watch.finish();
    }
  },
  ...presentEach<ResumeData>({
    schema: 'modelops.jobs.resume/v1',
    human: ({ job, tasks, attempt, dry_run, status, waited }, look) => {
      if (dry_run) return `${formatCount(tasks, 'task')} of ${job} would run as attempt ${attempt}`;
      return waited
        ? `${job} ${paintStatus(status, look)} after attempt ${attempt}`
        : `${formatCount(tasks, 'task')} of ${job} submitted as attempt ${attempt}; mops jobs wait ${job} waits for it`;
    },
    exit: ({ waited, status }) => (waited ? exitOfStatus(status) : 0),
  }),
});
