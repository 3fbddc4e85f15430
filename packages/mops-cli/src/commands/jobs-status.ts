import { defineCommand } from '@modelops/cli-kit';
import { isTerminal } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { JobReport } from '../documents/jobs.ts';
import { createJobDescriber } from '../jobs/describe-job.ts';
import { type SelectedJobs, selectJobs } from '../jobs/select-jobs.ts';
import { type EachJob, eachJob, isFailure, presentEach } from './each-job.ts';
import { jobsInput } from './options.ts';
import { renderJob } from './render-job.ts';

const output = presentEach<JobReport>({
  schema: 'modelops.jobs.status/v1',
  document: async () => (await import('../documents/jobs.ts')).jobsStatus,
  human: renderJob,
});

export const command = defineCommand({
  examples: [
    'mops jobs status job-5b718dc8',
    'mops jobs status job-5b718dc8 --watch',
    'mops jobs status --status running --label team=epi',
  ],
  ...jobsInput({
    watch: z.boolean().default(false).describe('Update the display until every job has ended').meta({ short: 'w' }),
    interval: z.number().min(0.1).default(2).describe('Seconds between updates').meta({ placeholder: 'SECONDS' }),
  }),
  ...output,
  run: async (input, deps: MopsDeps) => {
    const opened = await deps.open(input.env);
    const selected = await selectJobs(input, opened.stores);
    if (input.watch) return watchStatus(selected, input.interval * 1000, opened, deps);
    const describe = createJobDescriber(opened);
    return eachJob(selected, describe);
  },
});

/** Displays the jobs until all have ended or no engine here works on them. Returns the last report. */
async function watchStatus(
  selected: SelectedJobs,
  pauseMs: number,
  opened: OpenEnvironment,
  { reporter, signal, sleep }: MopsDeps,
): Promise<EachJob<JobReport>> {
  const describe = createJobDescriber(opened);
  const live = await reporter.live();
  for (;;) {
    const seen = await eachJob(selected, describe);
    const isOver = seen.jobs.every((report) => isFailure(report) || isTerminal(report.status) || !report.has_manifest);
    if (isOver || signal.aborted) {
      live.clear();
      return seen;
    }
    live.show(output.human(seen, reporter.style));
    await sleep(pauseMs);
  }
}
