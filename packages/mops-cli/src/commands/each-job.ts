import { jsonDocument, type Style } from '@modelops/cli-kit';
import { answering, ERRORS, type JobId } from '@modelops/contracts';
import { mapConcurrently } from '@modelops/system';
import type * as z from 'zod';
import type { EachDocument, JobFailure } from '../documents/each-job.ts';
import type { SelectedJobs } from '../jobs/select-jobs.ts';

/** The report of a command for each job. */
export interface EachJob<Report extends { readonly job: string }> {
  readonly isOne: boolean;
  readonly jobs: readonly (Report | JobFailure)[];
}

/** Maximum number of jobs processed concurrently. */
const CONCURRENCY = 4;

/** Runs an action for each job, a few at a time. The failure of a single named job is thrown; with several jobs it takes the job's place. */
export async function eachJob<Report extends { readonly job: string }>(
  { ids, isOne }: SelectedJobs,
  action: (id: JobId) => Promise<Report>,
  concurrency = CONCURRENCY,
): Promise<EachJob<Report>> {
  if (isOne) return { isOne, jobs: [await action(ids[0]!)] };
  const orFailure = (job: JobId): Promise<Report | JobFailure> =>
    action(job).catch(answering(({ code, message, hint = null }) => ({ job, error: { code, message, hint } })));
  return { isOne, jobs: await mapConcurrently(ids, concurrency, orFailure) };
}

export function isFailure(report: object): report is JobFailure {
  const { error } = report as Partial<JobFailure>;
  return typeof error === 'object' && error !== null && 'code' in error;
}

export interface EachJobOutput<Report> {
  /** The documents of one job and of several. */
  document(): Promise<EachDocument<Report>>;
  /** Schema of one job's document. */
  readonly schema: string;
  human(report: Report, style: Style): string;
  /** Exit status for one job. */
  exit?(report: Report): number;
}

/** The same for reports with another output format. */
interface StatusOutput<Report> extends Pick<EachJobOutput<Report>, 'schema' | 'exit'> {
  document(): Promise<z.ZodType>;
}

/** Exit statuses that report the state of a job. */
export const JOB_EXITS = [ERRORS.JOB_PARTIAL.exit, ERRORS.JOB_FAILED.exit, ERRORS.JOB_CANCELLED.exit, ERRORS.JOB_RUNNING.exit];

/** The schema names of a command on one job or several, and its exit status: the worst status of the jobs. */
export function statusEach<Report extends { readonly job: string }>({ schema, document, exit }: StatusOutput<Report>) {
  return {
    schema,
    document,
    listSchema: schema.replace('/', '-list/'),
    statuses: exit === undefined ? [] : JOB_EXITS,
    exit: ({ jobs }: EachJob<Report>) =>
      worstExit(jobs.map((report) => (isFailure(report) ? ERRORS[report.error.code].exit : (exit?.(report) ?? 0)))),
  };
}

/**
 * The output of a command on one job or several. A single job named by its id has its own document; several are `{jobs: […]}` with the
 * schema name `…-list`.
 */
export function presentEach<Report extends { readonly job: string }>({ human, ...output }: EachJobOutput<Report>) {
  const status = statusEach(output);
  return {
    ...status,
    human: ({ jobs }: EachJob<Report>, style: Style) =>
      jobs.map((report) => (isFailure(report) ? describeFailure(report, style) : human(report, style))).join('\n'),
    json: ({ jobs, isOne }: EachJob<Report>) => (isOne ? jsonDocument(status.schema, jobs[0]!) : jsonDocument(status.listSchema, { jobs })),
  };
}

/** The same document as JSON in pieces, for reports too large for one string: `members` prints the fields of a report besides its job. */
export async function* eachInPieces<Report extends { readonly job: string }>(
  { jobs, isOne }: EachJob<Report>,
  { schema, listSchema }: { readonly schema: string; readonly listSchema: string },
  members: (report: Report) => Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<string> {
  yield isOne ? `{"schema": "${schema}", ` : `{"schema": "${listSchema}", "jobs": [\n{`;
  for (const [at, report] of jobs.entries()) {
    yield `${at === 0 ? '' : '},\n{'}"job": ${JSON.stringify(report.job)}, `;
    if (isFailure(report)) yield `"error": ${JSON.stringify(report.error)}`;
    else yield* members(report);
  }
  yield isOne ? '}\n' : '}\n]}\n';
}

export function describeFailure({ job, error: { message, hint } }: JobFailure, { color }: Style): string {
  return `${job}  ${color.red('error:')} ${message}${hint === null ? '' : ` (${hint})`}`;
}

/** From best to worst; any other status, that of a failed command, is worse than all of these. */
const BY_SEVERITY = [0, ERRORS.JOB_RUNNING.exit, ERRORS.JOB_CANCELLED.exit, ERRORS.JOB_PARTIAL.exit, ERRORS.JOB_FAILED.exit];

export function worstExit(statuses: readonly number[]): number {
  const severity = (status: number) => (BY_SEVERITY.includes(status) ? BY_SEVERITY.indexOf(status) : BY_SEVERITY.length);
  return statuses.reduce((worst, status) => (severity(status) > severity(worst) ? status : worst), 0);
}
