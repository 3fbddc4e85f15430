import { formatCount } from '@modelops/cli-kit';
import { type JobId, type JobState, messageOf } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import { createFailureNews, type FailureNews } from '../jobs/failure-news.ts';
import { followJobLogs } from '../jobs/read-job-logs.ts';
import { renderErrorBlock } from './render-error-block.ts';
import { watchJob } from './watch-job.ts';

const NEWS_MS = 1000;

/** Waits for a job as {@link watchJob} does, and says what its workers say and what fails as it comes. `timeout` in seconds. */
export async function followJob(job: JobId, timeout: number | undefined, opened: OpenEnvironment, deps: MopsDeps): Promise<JobState> {
  const { reporter, sleep } = deps;
  const ended = new AbortController();
  const signal = AbortSignal.any([deps.signal, ended.signal]);
  const readNews = createFailureNews(createJob(await opened.stores.registry.spec(job)), opened.stores);
  const tellNews = async () => {
    for (const news of await readNews()) reporter.note(renderNews(news, deps));
  };
  const tellLogs = async () => {
    const request = { index: undefined, tail: undefined, attempt: undefined };
    for await (const line of followJobLogs(job, request, opened, { signal, sleep })) reporter.note(line);
  };
  const tellFailures = async () => {
    for (; !signal.aborted; await sleep(NEWS_MS)) await tellNews();
  };
  /** The job goes on, and so does the wait for it, when its logs cannot be had. */
  const orWarn = (what: string, telling: Promise<void>) => telling.catch((error: unknown) => reporter.warn(`${what}: ${messageOf(error)}`));
  const telling = Promise.all([orWarn('its logs', tellLogs()), orWarn('its failures', tellFailures())]);
  try {
    return await watchJob(job, timeout, opened, deps);
  } finally {
    ended.abort();
    await telling;
    await orWarn('its failures', tellNews());
  }
}

function renderNews({ count, error, sample }: FailureNews, { reporter }: Pick<MopsDeps, 'reporter'>): string {
  const [first, ...rest] = renderErrorBlock(error, reporter.style, '  ');
  return [
    `${formatCount(count, 'task')} failed: ${first!.trimStart()}`,
    ...rest,
    `  e.g. ${JSON.stringify(sample.params)} seed ${sample.seed}, task ${sample.task_id}`,
  ].join('\n');
}
