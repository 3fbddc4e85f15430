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

/** One progress bar over several jobs. */
export interface JobsWatch {
  /** Waits for one of the jobs. Concurrent waits are allowed. */
  wait(job: JobId): Promise<Waited>;
  finish(): void;
}

/** The part of a problem's text that is the same when it occurs again: without its count and object. */
function causeOf(text: string): string {
  return text.replace(/, restarted \d+ times/, '').replace(/(: [A-Z]+(?:_[A-Z]+)+:).*/s, '$1');
}

/** Waits with a progress bar; each problem that the engine reports is shown once. `timeout` in seconds from now. */
export async function openWatch(
  jobs: readonly JobId[],
  timeout: number | undefined,
  opened: OpenEnvironment,
  deps: MopsDeps,
): Promise<JobsWatch> {
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
  return {
    async wait(job) {
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
    },
    finish: () => progress.finish(),
  };
}

/** Waits for one job with a progress bar. `timeout` in seconds. */
export async function watchJob(job: JobId, timeout: number | undefined, opened: OpenEnvironment, deps: MopsDeps): Promise<Waited> {
  const watch = await openWatch([job], timeout, opened, deps);
  try {
    return await watch.wait(job);
  } finally {
    watch.finish();
  }
}
