import { defineCommand, formatCount } from '@modelops/cli-kit';
import type { JobId } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import type { Rebinding, ResumeData } from '../documents/jobs.ts';
import { exitOfStatus } from '../jobs/exit-status.ts';
import { resumeJob } from '../jobs/resume-job.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { describeWaited, outcomeOf } from './describe-missing.ts';
import { eachJob, isFailure, presentEach } from './each-job.ts';
import { jobsInput, refuseIdleTimeout, timeoutOption, widthOptions } from './options.ts';
import { paintStatus } from './render-job.ts';

export const command = defineCommand({
  examples: [
    'mops jobs resume job-5b718dc8 --wait',
    'mops jobs resume job-5b718dc8 --dry-run',
    'mops jobs resume job-5b718dc8 --bundle latest --dry-run',
    'mops jobs resume --status partial --since 1d',
  ],
  ...jobsInput({
    dryRun: z.boolean().default(false).describe('Show what would run; start nothing'),
    bundle: z
      .string()
      .optional()
      .describe('Rebind the jobs to this bundle first: sha256:…, repo@sha256:…, a tag, or local:PATH')
      .meta({ placeholder: 'REF' }),
    ...widthOptions,
    wait: z.boolean().default(false).describe('Wait until the jobs end; the exit status is the worst of their results'),
    timeout: timeoutOption,
  }),
  run: async (input, deps: MopsDeps) => {
    const { dryRun, workers, slots, bundle, wait, timeout } = input;
    refuseIdleTimeout(timeout, wait);
    const opened = await deps.open(input.env, { repairs: !dryRun });
    const selected = await selectJobs(input, opened.stores);
    const resumed = await eachJob(selected, async (id): Promise<ResumeData & { readonly job: JobId }> => {
      const report = await resumeJob(id, { dryRun, width: { workers, slots }, bundle }, opened, deps);
      if (!dryRun && wait) deps.reporter.note(`${id}: ${formatCount(report.tasks, 'task')} as attempt ${report.attempt}`);
      return { ...report, waited: wait && !dryRun, outcome: null };
    });
    const started = resumed.jobs.flatMap((report) => (!isFailure(report) && report.waited ? [report.job] : []));
    if (started.length === 0) return resumed;
    const { withWatch } = await import('./watch-job.ts');
    const jobs = await withWatch(started, timeout, opened, deps, (wait) =>
      Promise.all(
        resumed.jobs.map(async (report) => {
          if (isFailure(report)) return report;
          const outcome = outcomeOf(await wait(report.job));
          return { ...report, status: outcome.status, outcome };
        }),
      ),
    );
    return { ...resumed, jobs };
  },
  ...presentEach<ResumeData>({
    schema: 'modelops.jobs.resume/v1',
    document: async () => (await import('../documents/jobs.ts')).jobsResume,
    human: ({ job, tasks, attempt, dry_run, status, outcome, rebinding }, style) => {
      const bound = rebinding === null ? '' : `${renderRebinding(rebinding)}\n`;
      if (dry_run) return `${bound}${formatCount(tasks, 'task')} of ${job} would run as attempt ${attempt}`;
      if (outcome === null)
        return `${bound}${formatCount(tasks, 'task')} of ${job} submitted as attempt ${attempt}\nnext: mops jobs wait ${job}`;
      const next = status === 'succeeded' ? '' : `\nnext: mops jobs status ${job}`;
      return `${bound}${job} ${paintStatus(status, style)} after attempt ${attempt}: ${describeWaited(outcome)}${next}`;
    },
    exit: ({ waited, status }) => (waited ? exitOfStatus(status) : 0),
  }),
});

function renderRebinding({ from, to, is_model_changed, changed_targets, invalidated: { tasks, aggregations } }: Rebinding): string {
  const lines = [`rebound from ${from} to ${to}`];
  if (is_model_changed) lines.push('  the model code changed: earlier results do not count');
  if (changed_targets.length > 0) lines.push(`  changed targets: ${changed_targets.join(', ')}`);
  lines.push(
    tasks + aggregations === 0
      ? '  no result is invalidated'
      : `  ${formatCount(tasks, 'result')} and ${formatCount(aggregations, 'aggregation')} no longer count; they stay in the store`,
  );
  return lines.join('\n');
}
