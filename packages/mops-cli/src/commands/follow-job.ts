import { formatCount } from '@modelops/cli-kit';
import { type JobId, messageOf } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import { createFailureReader, type FailureGroup } from '../jobs/new-failures.ts';
import { followJobLogs } from '../jobs/read-job-logs.ts';
import { renderErrorBlock } from './render-error-block.ts';
import { type Waited, watchJob } from './watch-job.ts';

const FAILURES_MS = 1000;

/** Waits for a job as {@link watchJob} does, and prints worker logs and failures as they arrive. `timeout` in seconds. */
export async function followJob(job: JobId, timeout: number | undefined, opened: OpenEnvironment, deps: MopsDeps): Promise<Waited> {
  const { reporter, sleep } = deps;
  const ended = new AbortController();
  const signal = AbortSignal.any([deps.signal, ended.signal]);
  const readFailures = createFailureReader(createJob(await opened.stores.registry.spec(job)), opened.stores);
  const printNewFailures = async () => {
    for (const group of await readFailures()) reporter.note(renderFailureGroup(group, deps));
  };
  const printLogs = async () => {
    for await (const line of followJobLogs(job, {}, opened, { signal, sleep })) reporter.note(line);
  };
  const printFailures = async () => {
    for (; !signal.aborted; await sleep(FAILURES_MS)) await printNewFailures();
  };
  /** Warns when logs or failures cannot be read; the wait continues. */
  const orWarn = (what: string, printing: Promise<void>) =>
    printing.catch((error: unknown) => reporter.warn(`cannot read ${what}: ${messageOf(error)}`));
  const printing = Promise.all([orWarn('its logs', printLogs()), orWarn('its failures', printFailures())]);
  try {
    return await watchJob(job, timeout, opened, deps);
  } finally {
    ended.abort();
    await printing;
    await orWarn('its failures', printNewFailures());
  }
}

/** Shows a cause in full the first time, then only its count. */
function renderFailureGroup({ count, before, error, sample }: FailureGroup, { reporter }: Pick<MopsDeps, 'reporter'>): string {
  const [first, ...rest] = renderErrorBlock(error, reporter.style, '  ');
  if (before > 0) return `${formatCount(count)} more failed (${formatCount(before + count, 'task')} now): ${first!.trimStart()}`;
  return [
    `${formatCount(count, 'task')} failed: ${first!.trimStart()}`,
    ...rest,
    `  e.g. ${JSON.stringify(sample.params)} seed ${sample.seed}, task ${sample.task_id}`,
  ].join('\n');
}
