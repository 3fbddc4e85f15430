import { createRate, type Rate } from '@modelops/cli-kit';
import { isTerminal, type JobId } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { JobReport } from '../documents/jobs.ts';
import { createJobDescriber } from '../jobs/describe-job.ts';
import { createFailureReader } from '../jobs/new-failures.ts';
import { type BestLoss, createBestLosses } from './best-losses.ts';

/** The data of a job in the live view. */
export interface WatchedJob {
  readonly report: JobReport;
  /** Tasks per second; undefined until known. */
  readonly rate: number | undefined;
  /** The number of tasks that failed for each cause so far, most frequent first. */
  readonly failures: readonly { readonly cause: string; readonly count: number }[];
  readonly best: readonly BestLoss[];
}

/** Observes jobs repeatedly; later calls read only new records. Writes nothing. */
export function createJobsObserver(
  ids: readonly JobId[],
  opened: OpenEnvironment,
  { clock }: Pick<MopsDeps, 'clock'>,
): () => Promise<WatchedJob[]> {
  const describe = createJobDescriber(opened);
  const observers = ids.map((id) => createObserver(id, describe, opened, createRate(clock)));
  return () => Promise.all(observers.map((observe) => observe()));
}

function createObserver(
  id: JobId,
  describe: (id: JobId) => Promise<JobReport>,
  { stores }: OpenEnvironment,
  rateAt: Rate,
): () => Promise<WatchedJob> {
  const counts = new Map<string, number>();
  const open = async () => {
    const job = createJob(await stores.registry.spec(id));
    return { readFailures: createFailureReader(job, stores), readBest: createBestLosses(job, stores) };
  };
  let readers: ReturnType<typeof open> | undefined;
  return async () => {
    const report = await describe(id);
    readers ??= open();
    readers.catch(() => (readers = undefined));
    const { readFailures, readBest } = await readers;
    for (const { count, error } of await readFailures()) {
      const cause = `${error.type}: ${error.message.split('\n')[0]}`;
      counts.set(cause, (counts.get(cause) ?? 0) + count);
    }
    return {
      report,
      rate: isTerminal(report.status) ? undefined : rateAt(report.progress.done),
      failures: [...counts].map(([cause, count]) => ({ cause, count })).sort((a, b) => b.count - a.count),
      best: await readBest(),
    };
  };
}

/** Whether no process works on a job any more. */
export function isOver({ report }: WatchedJob): boolean {
  return isTerminal(report.status) || !report.has_manifest || report.repair !== 'none';
}
