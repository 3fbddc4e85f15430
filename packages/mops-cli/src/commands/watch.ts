import { resolve } from 'node:path';
import { defineCommand, formatCount, type ScreenSize, type Style } from '@modelops/cli-kit';
import { isModelOpsError, type JobId, type JobStatus, messageOf } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import { exitOfStatus } from '../jobs/exit-status.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { version } from '../version.ts';
import { renderWatch, watchLine } from '../watch/render-watch.ts';
import { createJobsObserver, isOver, type WatchedJob } from '../watch/watch-jobs.ts';
import { JOB_EXITS, worstExit } from './each-job.ts';
import { jobsInput } from './options.ts';

/** Seconds between pages of `--html`. */
const PAGE_SECONDS = 10;
const NOTE = 'q or Ctrl-C closes this view; the jobs continue';
/** Minimum interval between lines without a terminal; a change of status is printed at once. */
const LINE_MS = 5_000;

export const command = defineCommand({
  examples: ['mops watch job-5b718dc8', 'mops watch --label sweep=may', 'mops watch job-5b718dc8 --html live.html'],
  ...jobsInput({
    html: z
      .string()
      .min(1)
      .optional()
      .describe(`Write the report to this file every ${PAGE_SECONDS} s; an open browser tab reloads it`)
      .meta({ placeholder: 'FILE' }),
    interval: z.number().min(0.1).default(1).describe('Seconds between updates').meta({ placeholder: 'SECONDS' }),
    force: z.boolean().default(false).describe('Replace the --html file even if it is not a report'),
  }),
  schema: 'modelops.watch/v1',
  document: async () => (await import('../documents/runs.ts')).watch,
  statuses: JOB_EXITS,
  run: async (input, deps: MopsDeps) => {
    const file = input.html === undefined ? undefined : resolve(deps.cwd, input.html);
    if (file !== undefined) await (await import('../report/write-report.ts')).checkReportFile(file, input.force);
    const opened = await deps.open(input.env);
    const { ids } = await selectJobs(input, opened.stores);
    const writePage = file === undefined ? undefined : createPageWriter(ids, file, opened, deps);
    const jobs = await watchJobs(createJobsObserver(ids, opened, deps), input.interval * 1000, writePage, deps);
    if (!deps.signal.aborted) await writePage?.({ isLast: true });
    return {
      jobs: jobs.map(({ report, failures, best }) => ({
        job: report.job,
        status: report.status,
        tasks: report.progress.total,
        done: report.progress.done,
        failures,
        best: best.map(({ target, loss, params }) => ({ target, loss, params })),
      })),
      html: file ?? null,
    };
  },
  human: ({ jobs, html }, { color }) =>
    [
      ...jobs.map(({ job, status, done, tasks }) => `${color.bold(job)} ${status}: ${formatCount(done)} of ${formatCount(tasks, 'task')}`),
      ...(html === null ? [] : [html]),
    ].join('\n'),
  exit: ({ jobs }) => worstExit(jobs.map(({ status }) => exitOfStatus(status))),
});

type WritePage = (when?: { readonly isLast: boolean }) => Promise<void>;

/** Shows the jobs until all are over, or the user quits by `q` or Ctrl-C. */
async function watchJobs(
  observe: () => Promise<WatchedJob[]>,
  pauseMs: number,
  writePage: WritePage | undefined,
  { reporter, signal, sleep, clock }: MopsDeps,
): Promise<WatchedJob[]> {
  const screen = reporter.screen();
  const print = createLines(reporter.note, clock);
  const stop = new AbortController();
  void screen?.quit.then(() => stop.abort());
  const until = AbortSignal.any([signal, stop.signal]);
  let jobs: WatchedJob[] = [];
  let note = NOTE;
  try {
    for (;;) {
      try {
        jobs = await observe();
        note = NOTE;
        await writePage?.();
      } catch (error) {
        // The first read must succeed; a later one may fail while the store is unreachable.
        if (jobs.length === 0 || !isModelOpsError(error) || !error.retryable) throw error;
        note = error.message;
        if (screen === undefined) reporter.warn(note);
      }
      if (screen === undefined) print(jobs);
      else screen.show(createView(jobs, note, reporter.style));
      if (jobs.every(isOver)) return jobs;
      await sleep(pauseMs, until);
      if (until.aborted) return jobs;
    }
  } finally {
    screen?.close();
  }
}

function createView(jobs: readonly WatchedJob[], note: string, style: Style): (size: ScreenSize) => string {
  return ({ columns, rows }) => renderWatch(jobs, note, rows, { ...style, columns });
}

/** Prints a line for a job when its status changes, or at the minimum interval when another field changes. */
function createLines(note: (text: string) => void, clock: () => number): (jobs: readonly WatchedJob[]) => void {
  const printed = new Map<string, { readonly status: JobStatus; readonly text: string; readonly at: number }>();
  return (jobs) => {
    for (const job of jobs) {
      const { status, job: id } = job.report;
      const last = printed.get(id);
      const text = watchLine(job);
      if (last !== undefined && (last.text === text || (last.status === status && clock() - last.at < LINE_MS))) continue;
      printed.set(id, { status, text, at: clock() });
      note(text);
    }
  };
}

/** Writes the report at most once in {@link PAGE_SECONDS}. A failed write is reported, and the view continues. */
function createPageWriter(ids: readonly JobId[], file: string, opened: OpenEnvironment, { clock, reporter }: MopsDeps): WritePage {
  let writtenAt = Number.NEGATIVE_INFINITY;
  return async ({ isLast } = { isLast: false }) => {
    if (!isLast && clock() - writtenAt < PAGE_SECONDS * 1000) return;
    writtenAt = clock();
    try {
      const [{ renderReport }, { collectReport }, { writePage }] = await Promise.all([
        import('@modelops/report'),
        import('../report/collect-report.ts'),
        import('../report/write-report.ts'),
      ]);
      const data = await collectReport(ids, { title: undefined, version, refreshSeconds: PAGE_SECONDS }, opened);
      await writePage(renderReport(data), file);
    } catch (error) {
      reporter.warn(`cannot write the report: ${messageOf(error)}`);
    }
  };
}
