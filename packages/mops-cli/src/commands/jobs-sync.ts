import { defineCommand, formatCount, type Style } from '@modelops/cli-kit';
import { ERRORS, isTerminal, JOB_STATUSES, type JobId, ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { JobFailure } from '../documents/each-job.ts';
import type { SyncReport } from '../documents/jobs.ts';
import { type JobSelection, periodOf, selectJobs } from '../jobs/select-jobs.ts';
import { syncJob } from '../jobs/sync-job.ts';
import { eachJob, isFailure, worstExit } from './each-job.ts';
import { jobsArgument, jobsInput } from './options.ts';
import { NO_MANIFEST, paintStatus } from './render-job.ts';

export const command = defineCommand({
  examples: [
    'mops jobs sync',
    'mops jobs sync --dry-run',
    'mops jobs sync job-5b718dc8 --no-validate',
    'mops jobs sync --label sweep=may',
    'mops jobs sync --take-over job-5b718dc8',
  ],
  ...jobsInput({
    validate: z.boolean().default(true).describe('Do not validate jobs whose workers have ended'),
    dryRun: z.boolean().default(false).describe('Show what would be done; change nothing'),
    takeOver: z
      .boolean()
      .default(false)
      .describe('Make this machine the owner of the named jobs, whose own machine or cluster no longer exists'),
  }),
  args: z.object({ job: jobsArgument.describe('Job ids (default: every unfinished job)') }),
  schema: 'modelops.jobs.sync/v1',
  document: async () => (await import('../documents/jobs.ts')).jobsSync,
  statuses: [],
  run: async (input, deps: MopsDeps) => {
    const { validate, dryRun } = input;
    const opened = await deps.open(input.env, { repairs: !dryRun });
    if (input.takeOver && (input.job.length === 0 || dryRun))
      throw new ModelOpsError('USAGE', '--take-over needs job ids, and no --dry-run', { hint: 'mops jobs sync --take-over JOB' });
    const ids = input.job.length > 0 ? (await selectJobs(input, opened.stores)).ids : await unfinishedJobs(input, opened);
    const isAllowed = (repair: SyncReport['repair']) => !dryRun && (validate || repair !== 'validate');
    const { jobs } = await eachJob({ ids, isOne: false }, (id) => syncJob(id, { isAllowed, takeOver: input.takeOver }, opened));
    const changed = jobs.filter((report) => !isFailure(report) && report.before !== report.status).length;
    return { jobs, changed, dry_run: dryRun };
  },
  human: ({ jobs, changed, dry_run }, style) => {
    if (jobs.length === 0) return 'no unfinished jobs';
    return [...jobs.map((report) => describeReport(report, dry_run, style)), ...(dry_run ? [] : [`${formatCount(changed)} changed`])].join(
      '\n',
    );
  },
  exit: ({ jobs }) => worstExit(jobs.map((report) => (isFailure(report) ? ERRORS[report.error.code].exit : 0))),
});

async function unfinishedJobs({ status: wanted, label, ...period }: JobSelection, { stores }: OpenEnvironment): Promise<JobId[]> {
  const ids: JobId[] = [];
  const status = JOB_STATUSES.filter((one) => !isTerminal(one) && (wanted.length === 0 || wanted.includes(one)));
  if (status.length === 0) return ids;
  const onUnreadable = (id: JobId) => void ids.push(id);
  const filter = { status, label, ...periodOf(period, stores.now()), onUnreadable, repairsNotes: true };
  for await (const { job_id } of stores.registry.list(filter)) ids.push(job_id);
  return ids;
}

const WOULD: Readonly<Record<Exclude<SyncReport['repair'], 'none'>, string>> = {
  abandon: 'would become failed: its submission was abandoned',
  adopt: 'would become scheduled: its workers run',
  validate: 'would be validated',
};

function describeWorkers(engine: SyncReport['engine'], elsewhere: string | null): string {
  if (engine === 'unknown' && elsewhere !== null) return ` (runs on ${elsewhere}, which cannot be observed from here)`;
  if (engine === null) return elsewhere === null ? '' : ` (being submitted on ${elsewhere})`;
  return ` (workers: ${engine})`;
}

function describeReport(report: SyncReport | JobFailure, isDryRun: boolean, style: Style): string {
  if (isFailure(report)) return `${report.job}: ${style.color.red('error:')} ${report.error.message}`;
  const { job, before, status, engine, repair, skipped, elsewhere } = report;
  if (skipped) return `${job}: ${status}, not validated: ${NO_MANIFEST}; end it with mops jobs cancel ${job}`;
  const change = before === status ? paintStatus(status, style) : `${before} → ${paintStatus(status, style)}`;
  const isLeft = repair !== 'none' && before === status && !isTerminal(status);
  const left = isLeft ? `, ${isDryRun ? WOULD[repair] : 'not validated'}` : '';
  const line = `${job}: ${change}${left}${describeWorkers(engine, elsewhere)}`;
  if (isLeft && !isDryRun) return `${line}\n  next: mops jobs validate ${job}`;
  return before !== status && (status === 'partial' || status === 'failed') ? `${line}\n  next: mops jobs status ${job}` : line;
}
