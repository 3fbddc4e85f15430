import { formatCount } from '@modelops/cli-kit';
import { isTerminal, type JobId, type JobState } from '@modelops/contracts';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { EngineProblem } from '../engines/engine.ts';
import { type JobProgress, waitForJob } from '../jobs/wait-job.ts';

/** A job when the wait for it ended. */
export interface Waited {
  readonly state: JobState;
  /** Tasks with results, verified or not. */
  readonly done: number;
}

/** The part of a problem's text that is the same when it occurs again: without its count and object. */
function causeOf(text: string): string {
  return text.replace(/, restarted \d+ times/, '').replace(/(: [A-Z]+(?:_[A-Z]+)+:).*/s, '$1');
}

/**
 * Waits for jobs with one progress bar, while `use` runs: it calls `wait` for each job, also concurrently. Each problem that the engine reports
 * is shown once. `timeout` in seconds from now.
 */
export async function withWatch<T>(
  jobs: readonly JobId[],
  timeout: number | undefined,
  opened: OpenEnvironment,
  deps: MopsDeps,
  use: (wait: (job: JobId) => Promise<Waited>) => Promise<T>,
): Promise<T> {
  const { reporter, clock } = deps;
  const endsAt = timeout === undefined ? undefined : clock() + timeout * 1000;
  const progress = await reporter.progress();
  const seen = new Map<JobId, JobProgress & { readonly status: JobState['status'] }>();
  const reported = new Set<string>();
  const show = () => {
    const sum = { done: 0, failed: 0, total: 0, ended: 0 };
    for (const at of seen.values()) {
      sum.done += at.done;
      sum.failed += at.failed;
      sum.total += at.total;
      if (isTerminal(at.status)) sum.ended++;
    }
    const what = jobs.length === 1 ? undefined : `${sum.ended} of ${formatCount(jobs.length, 'job')} done`;
    const [only] = seen.values();
    progress.update({
      done: sum.done + sum.failed,
      total: sum.total,
      isEnded: sum.ended === jobs.length,
      note: `${what ?? only?.status ?? ''}${sum.failed === 0 ? '' : `, ${formatCount(sum.failed)} failed`}`,
    });
  };
  const reportProblem = (job: JobId, { reason, message }: EngineProblem) => {
    const text = `${jobs.length === 1 ? '' : `${job}: `}${reason}: ${message}`;
    const key = causeOf(text);
    if (reported.has(key)) return;
    reported.add(key);
    reporter.note(text);
  };
  const wait = async (job: JobId): Promise<Waited> => {
    const state = await waitForJob(
      job,
      {
        timeoutMs: endsAt === undefined ? undefined : Math.max(0, endsAt - clock()),
        onProgress: (at, { status }) => {
          seen.set(job, { ...at, status });
          show();
        },
        onProblem: (problem) => reportProblem(job, problem),
      },
      opened,
      deps,
    );
    if (deps.signal.aborted && !isTerminal(state.status)) reporter.note(`${job} continues; stop it with mops jobs cancel ${job}`);
    return { state, done: seen.get(job)?.done ?? 0 };
  };
  try {
    return await use(wait);
  } finally {
    progress.finish();
  }
}

/** Waits for one job with a progress bar. `timeout` in seconds. */
export function watchJob(job: JobId, timeout: number | undefined, opened: OpenEnvironment, deps: MopsDeps): Promise<Waited> {
  return withWatch([job], timeout, opened, deps, (wait) => wait(job));
}
