import { type Attempt, isTerminal, type JobId, ModelOpsError } from '@modelops/contracts';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { LogOptions, WorkerLine } from '../engines/engine.ts';
import { whereElse } from './observe-job.ts';
import { lacksManifest } from './plan-repair.ts';

export interface JobLogsRequest extends LogOptions {
  /** Default: the latest. */
  readonly attempt?: number | undefined;
}

/**
 * Lines that the workers of an attempt have printed so far; none for a job that ran nothing.
 * @throws RESULT_NOT_FOUND for an attempt that does not exist or ran elsewhere
 */
export async function* readJobLogs(
  job: JobId,
  request: JobLogsRequest,
  { stores, engine }: Pick<OpenEnvironment, 'stores' | 'engine'>,
): AsyncGenerator<string> {
  const { attempts } = await stores.registry.state(job);
  const attempt = chooseAttempt(job, attempts, request.attempt);
  if (attempt === undefined || attempt.engine === 'none') return;
  await requireLogsHere(job, attempt, engine);
  for await (const line of engine.logs(job, attempt, request)) yield textOf(line);
}

/** As {@link readJobLogs}, then each new line until the job has ended. Follows a new attempt too, unless one was requested. */
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
    const hasEnded = isTerminal(state.status) || lacksManifest(state);
    const attempt = chooseAttempt(job, state.attempts, request.attempt);
    if (attempt !== undefined && attempt.engine !== 'none') {
      if (attempt.n !== followed) await requireLogsHere(job, attempt, engine);
      const lines = () => engine.logs(job, attempt, { index: request.index });
      if (followed === undefined && request.tail !== undefined) shown = await linesBefore(lines(), request.tail);
      else if (attempt.n !== followed) shown = new Map();
      followed = attempt.n;
      yield* newLines(lines(), shown, { hasEnded });
    }
    if (hasEnded || signal.aborted) return;
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

const textOf = ({ worker, text }: WorkerLine) => `[${worker}] ${text}`;

/** Number of lines of each source before the last `tail` lines of its worker. */
async function linesBefore(lines: AsyncIterable<WorkerLine>, tail: number): Promise<Map<string, number>> {
  const sources = new Map<number, Map<string, number>>();
  for await (const { worker, source } of lines) {
    const counts = sources.get(worker) ?? new Map<string, number>();
    sources.set(worker, counts.set(source, (counts.get(source) ?? 0) + 1));
  }
  const before = new Map<string, number>();
  for (const counts of sources.values()) {
    let left = [...counts.values()].reduce((sum, count) => sum + count, 0) - tail;
    for (const [source, count] of counts) {
      before.set(source, Math.max(0, Math.min(count, left)));
      left -= count;
    }
  }
  return before;
}

/** The lines after those already shown; updates `shown`. An unfinished line is held back while the job runs. */
async function* newLines(
  lines: AsyncIterable<WorkerLine>,
  shown: Map<string, number>,
  { hasEnded }: { readonly hasEnded: boolean },
): AsyncGenerator<string> {
  const seen = new Map<string, number>();
  for await (const line of lines) {
    if (line.isUnfinished && !hasEnded) continue;
    const at = (seen.get(line.source) ?? 0) + 1;
    seen.set(line.source, at);
    if (at <= (shown.get(line.source) ?? 0)) continue;
    shown.set(line.source, at);
    yield textOf(line);
  }
  // A source with fewer lines than before was truncated, as by a kubelet that rotates logs: its next lines are new.
  for (const [source, count] of seen) if (count < shown.get(source)!) shown.set(source, 0);
}
