import { type Attempt, isTerminal, type JobId, ModelOpsError } from '@modelops/contracts';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { LogOptions } from '../engines/engine.ts';
import { whereElse } from './observe-job.ts';
import { lacksManifest } from './plan-repair.ts';

export interface JobLogsRequest {
  readonly index: number | undefined;
  readonly tail: number | undefined;
  /** The latest when left out. */
  readonly attempt: number | undefined;
}

/** Lines that the workers of an attempt have printed so far; none for a job that ran nothing. @throws RESULT_NOT_FOUND for an attempt that does not exist or ran elsewhere */
export async function* readJobLogs(
  job: JobId,
  request: JobLogsRequest,
  { stores, engine }: Pick<OpenEnvironment, 'stores' | 'engine'>,
): AsyncGenerator<string> {
  const { attempts } = await stores.registry.state(job);
  const attempt = chooseAttempt(job, attempts, request.attempt);
  if (attempt === undefined || attempt.engine === 'none') return;
  await requireLogsHere(job, attempt, engine);
  yield* engine.logs(job, attempt, logOptions(request));
}

/** The same, and then each new line until the job has ended. A new attempt is followed too, unless one was requested. */
export async function* followJobLogs(
  job: JobId,
  request: JobLogsRequest,
  opened: Pick<OpenEnvironment, 'stores' | 'engine'>,
  { signal, sleep }: Pick<MopsDeps, 'signal' | 'sleep'>,
): AsyncGenerator<string> {
  const { stores, engine } = opened;
  let followed: number | undefined;
  let shown = new Map<string, number>();
  for (;;) {
    // The state is read first: everything printed before the job ended is then in the logs.
    const state = await stores.registry.state(job);
    const attempt = chooseAttempt(job, state.attempts, request.attempt);
    if (attempt !== undefined && attempt.engine !== 'none') {
      if (attempt.n !== followed) await requireLogsHere(job, attempt, engine);
      const lines = () => engine.logs(job, attempt, logOptions({ index: request.index, tail: undefined }));
      if (followed === undefined && request.tail !== undefined) shown = await linesBefore(lines(), request.tail);
      else if (attempt.n !== followed) shown = new Map();
      followed = attempt.n;
      yield* newLines(lines(), shown);
    }
    if (isTerminal(state.status) || lacksManifest(state) || signal.aborted) return;
    await sleep(FOLLOW_MS);
  }
}

const FOLLOW_MS = 500;

async function requireLogsHere(job: JobId, attempt: Attempt, engine: OpenEnvironment['engine']): Promise<void> {
  const elsewhere = await whereElse(attempt, engine);
  if (elsewhere === undefined) return;
  throw new ModelOpsError('RESULT_NOT_FOUND', `the logs of attempt ${attempt.n} of ${job} are on ${elsewhere}`, {
    hint: `run mops jobs logs ${job} there`,
  });
}

function chooseAttempt(job: JobId, attempts: readonly Attempt[], n: number | undefined): Attempt | undefined {
  const chosen = n === undefined ? attempts.at(-1) : attempts.find((attempt) => attempt.n === n);
  if (n !== undefined && chosen === undefined)
    throw new ModelOpsError('RESULT_NOT_FOUND', `${job} has no attempt ${n}; it has ${attempts.length}`, {
      hint: `mops jobs status ${job}`,
    });
  return chosen;
}

function logOptions({ index, tail }: Pick<JobLogsRequest, 'index' | 'tail'>): LogOptions {
  return { ...(index === undefined ? {} : { index }), ...(tail === undefined ? {} : { tail }) };
}

/** A worker's lines start with `[index]`; the lines of several come one worker after another. */
const workerOf = (line: string) => line.slice(0, line.indexOf(']') + 1);

/** How many lines of each worker stand before its last `tail`. */
async function linesBefore(lines: AsyncIterable<string>, tail: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const line of lines) counts.set(workerOf(line), (counts.get(workerOf(line)) ?? 0) + 1);
  return new Map([...counts].map(([worker, count]) => [worker, Math.max(0, count - tail)]));
}

/** The lines beyond those already shown, which are then shown too. */
async function* newLines(lines: AsyncIterable<string>, shown: Map<string, number>): AsyncGenerator<string> {
  const seen = new Map<string, number>();
  for await (const line of lines) {
    const worker = workerOf(line);
    const at = (seen.get(worker) ?? 0) + 1;
    seen.set(worker, at);
    if (at <= (shown.get(worker) ?? 0)) continue;
    shown.set(worker, at);
    yield line;
  }
}
