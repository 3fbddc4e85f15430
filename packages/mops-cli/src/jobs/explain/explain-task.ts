import { type Attempt, isTerminal, keys, packPrefix, parseJson, type TaskId } from '@modelops/contracts';
import type { TaskError } from '@modelops/model-host';
import { readAttribution } from '@modelops/store';
import { chunkDoneSchema, type Job, readPlan, type Stores } from '@modelops/worker';
import * as z from 'zod';
import type { TaskExplanation } from '../../documents/runs.ts';
import type { Diagnosis } from '../settle-job.ts';
import type { FoundTask } from './find-task.ts';
import { findDamaged, findQuarantined, packsThatAreGone } from './lost-packs.ts';

const claimSchema = z.object({ index: z.int(), host: z.string(), at: z.string() });

/** What an attempt did with the chunk that a task is in. */
interface Visit {
  readonly attempt: number;
  readonly chunk: number;
  readonly claim: Extract<TaskExplanation, { state: 'not_run' }>['claim'];
  /** Packs that the chunk wrote; null if it is not done. */
  readonly packs: readonly string[] | null;
}

/** Explains why a task of the job has a result or not. Reads indexes, and the outputs of an existing result. Writes nothing. */
export async function explainTask(
  job: Job,
  { index, id }: FoundTask,
  { state, view }: Pick<Diagnosis, 'state' | 'view'>,
  stores: Stores,
): Promise<TaskExplanation> {
  const existing = await stores.provenance.existing(job.sims, { relist: true });
  const source = await sourceOf(job, id, stores);
  if (existing.has(id)) {
    const outcome = await readResult(job, id, stores);
    if (outcome !== 'gone') return { state: outcome, source };
  }
  const failure = (await stores.provenance.failures(job.sims)).find((row) => row.task_id === id);
  if (failure !== undefined) {
    return {
      state: 'failed',
      error: JSON.parse(failure.error ?? '{}') as TaskError,
      at: new Date(failure.started_at).toISOString(),
      duration_ms: failure.duration_ms,
      by_job: failure.job_id,
    };
  }
  const visits = await visitsOf(job, index, state.attempts, stores);
  const written = visits.flatMap(({ packs }) => packs ?? []);
  const quarantined = await findQuarantined(job.sims, id, written, stores.objects);
  if (quarantined !== undefined) return { state: 'quarantined', pack: quarantined };
  const damaged = source === null ? undefined : await findDamaged(packPrefix(job.sims), id, written, stores.objects);
  if (damaged !== undefined) return { state: 'damaged', pack: damaged };
  if (source !== null) return { state: 'lost', packs: await packsThatAreGone(packPrefix(job.sims), written, stores.objects), source };
  // Before a sync the record still reports the job as running after its workers have ended.
  const isOver = isTerminal(state.status) || view?.phase === 'ended' || view?.phase === 'gone';
  return unvisited(visits.at(-1), isOver);
}

function unvisited(last: Visit | undefined, isOver: boolean): TaskExplanation {
  if (isOver || last === undefined) return { state: 'not_run', attempt: last?.attempt ?? null, claim: last?.claim ?? null };
  const { attempt, chunk, claim } = last;
  return claim === null ? { state: 'waiting', attempt, chunk } : { state: 'running', attempt, chunk, claim };
}

/** Whether its outputs can be read; verifies their digests. */
async function readResult(job: Job, id: TaskId, { provenance }: Stores): Promise<'exists' | 'evicted' | 'gone'> {
  for (const output of job.spec.binding.outputs) {
    const { missing, evicted } = await provenance.readOutput(job.sims, [id], output);
    if (evicted.length > 0) return 'evicted';
    if (missing.length > 0) return 'gone';
  }
  return 'exists';
}

async function sourceOf(job: Job, id: TaskId, { objects }: Stores): Promise<'computed' | 'reused' | null> {
  let source: 'reused' | null = null;
  for await (const row of readAttribution(objects, `${keys.job(job.id)}attribution/`)) {
    if (row.task_id !== id) continue;
    if (row.source === 'computed') return 'computed';
    source = 'reused';
  }
  return source;
}

async function visitsOf(job: Job, task: number, attempts: readonly Attempt[], { objects }: Stores): Promise<Visit[]> {
  const visits: Visit[] = [];
  for (const { n, engine } of attempts) {
    if (engine === 'none') continue;
    const { chunks } = await readPlan(objects, job.id, n);
    const chunk = chunks.findIndex((ranges) => ranges.some(([start, end]) => start <= task && task < end));
    if (chunk < 0) continue;
    const read = async <S extends z.ZodType>(key: string, schema: S): Promise<z.output<S> | null> => {
      const object = await objects.get(key);
      return object === undefined
        ? null
        : parseJson(new TextDecoder().decode(object.bytes), schema, { source: key, code: 'STORE_CORRUPT' });
    };
    const done = await read(keys.done(job.id, n, chunk), chunkDoneSchema);
    visits.push({ attempt: n, chunk, claim: await read(keys.claim(job.id, n, chunk), claimSchema), packs: done?.packs ?? null });
  }
  return visits;
}
