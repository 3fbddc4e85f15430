import { defineCommand, formatCount } from '@modelops/cli-kit';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import type { ValidateReport } from '../documents/jobs.ts';
import { exitOfStatus } from '../jobs/exit-status.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { validateJob } from '../jobs/validate-job.ts';
import { eachJob, presentEach } from './each-job.ts';
import { jobsInput } from './options.ts';
import { NO_MANIFEST, paintStatus } from './render-job.ts';

export const command = defineCommand({
  examples: ['mops jobs validate job-5b718dc8 --force', 'mops jobs validate --status succeeded --since 7d --force'],
  ...jobsInput({
    force: z.boolean().default(false).describe('Check succeeded and partial jobs again'),
    deep: z.boolean().default(false).describe('Like --force, and verify every byte of the results: quarantine packs that changed'),
  }),
  run: async (input, deps: MopsDeps) => {
    const opened = await deps.open(input.env, { repairs: true });
    const report = await eachJob(await selectJobs(input, opened.stores), (id) => validateJob(id, input, opened));
    for (const { job, skipped } of report.jobs as readonly Partial<ValidateReport>[])
      if (skipped === true) deps.reporter.warn(`${job} cannot be validated: ${NO_MANIFEST}`);
    return report;
  },
  ...presentEach<ValidateReport>({
    schema: 'modelops.jobs.validate/v1',
    document: async () => (await import('../documents/jobs.ts')).jobsValidate,
    human: ({ job, before, status, verified, missing, checked, quarantined }, style) => {
      const change = before === status ? paintStatus(status, style) : `${before} → ${paintStatus(status, style)}`;
      const lines = [`${job}: ${change}, ${formatCount(verified, 'task')} verified, ${formatCount(missing.count)} missing`];
      for (const { key, reason } of quarantined) lines.push(`  quarantined ${key}: ${reason}`);
      for (const name of missing.first) lines.push(`  missing ${name}`);
      if (missing.count > missing.first.length)
        lines.push(`  … and ${formatCount(missing.count - missing.first.length)} more: mops jobs manifest ${job} --missing`);
      if (missing.count > 0) lines.push(`next: mops jobs resume ${job}`);
      if (!checked && (status === 'succeeded' || status === 'partial'))
        lines.push(`as found when the job ended; to check again: mops jobs validate ${job} --force`);
      return lines.join('\n');
    },
    exit: ({ status }) => exitOfStatus(status),
  }),
});
