import { defineCommand } from '@modelops/cli-kit';
import type { JobId } from '@modelops/contracts';
import type { MopsDeps } from '../deps.ts';
import type { WaitReport } from '../documents/jobs.ts';
import { exitOfStatus } from '../jobs/exit-status.ts';
import { lacksManifest } from '../jobs/plan-repair.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { describeWaited, outcomeOf } from './describe-missing.ts';
import { eachJob, presentEach } from './each-job.ts';
import { jobsInput, timeoutOption } from './options.ts';
import { NO_MANIFEST, paintStatus } from './render-job.ts';
import { withWatch } from './watch-job.ts';

export const command = defineCommand({
  examples: ['mops jobs wait job-5b718dc8 --timeout 600', 'mops jobs wait job-5b718dc8 job-77aa0123', 'mops jobs wait --label sweep=may'],
  ...jobsInput({ timeout: timeoutOption }),
  run: async (input, deps: MopsDeps) => {
    const opened = await deps.open(input.env, { repairs: true });
    const selected = await selectJobs(input, opened.stores);
    return withWatch(selected.ids, input.timeout, opened, deps, (wait) => {
      const waitFor = async (id: JobId) => {
        const waited = await wait(id);
        if (lacksManifest(waited.state)) deps.reporter.warn(`${id} cannot be waited for: ${NO_MANIFEST}`);
        return { job: id, ...outcomeOf(waited) };
      };
      return eachJob(selected, waitFor, selected.ids.length);
    });
  },
  ...presentEach<WaitReport>({
    schema: 'modelops.jobs.wait/v1',
    document: async () => (await import('../documents/jobs.ts')).jobsWait,
    human: ({ job, ...outcome }, style) => {
      const { status } = outcome;
      // The results of a cancelled job are not verified.
      const count = status === 'cancelled' ? '' : `: ${describeWaited(outcome)}`;
      const line = `${job} ${paintStatus(status, style)}${count}`;
      return status === 'succeeded' ? line : `${line}\nnext: mops jobs status ${job}`;
    },
    exit: ({ status }) => exitOfStatus(status),
  }),
});
