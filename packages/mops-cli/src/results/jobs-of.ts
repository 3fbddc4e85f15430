import { isModelOpsError, type JobSpec, type JobState, keys } from '@modelops/contracts';
import { attributionOf, type FoundResult, type ResultSource, timeInPackName } from '@modelops/store';
import { mapConcurrently } from '@modelops/system';
import { createJob, type Job, type Stores } from '@modelops/worker';
import type { JobUse } from './results.ts';

/** Maximum number of job specs read concurrently. */
const CONCURRENCY = 8;

/**
 * The jobs that use a result, newest first: those whose specs contain its task, even before they run. The attribution records whether a job
 * computed or reused it. Without attribution (after a crash, or for a result that another job wrote between two attempts), the row of the
 * result decides: the job that wrote it computed it; a job validated later reused it.
 */
export async function jobsOf(row: FoundResult, stores: Pick<Stores, 'objects' | 'cached' | 'registry'>): Promise<JobUse[]> {
  const uses = await mapConcurrently(stores.registry.list(), CONCURRENCY, async (state) => {
    const specs = await specsOfModel(state, row.address.code, stores);
    if (!specs.some((spec) => indexIn(createJob(spec), row) !== undefined)) return undefined;
    const { job_id: job, status, created_at } = state;
    return { job, status, created_at, source: await sourceIn(state, row, stores) };
  });
  return uses.filter((use) => use !== undefined);
}

/** A job that contains the result's task, and the task's index: the job that wrote the result, otherwise the newest. */
export async function jobWithTask(
  row: FoundResult,
  { cached, registry }: Pick<Stores, 'cached' | 'registry'>,
): Promise<{ readonly job: Job; readonly index: number } | undefined> {
  const inJob = async (state: JobState) => {
    for (const spec of await specsOfModel(state, row.address.code, { cached, registry })) {
      const job = createJob(spec);
      const index = indexIn(job, row);
      if (index !== undefined) return { job, index };
    }
    return undefined;
  };
  const writer = row.job_id === '' ? undefined : await registry.state(row.job_id as JobState['job_id']).catch(ifDeleted);
  const found = writer === undefined ? undefined : await inJob(writer);
  if (found !== undefined) return found;
  for await (const state of registry.list()) {
    const other = await inJob(state);
    if (other !== undefined) return other;
  }
  return undefined;
}

function ifDeleted(error: unknown): undefined {
  if (!isModelOpsError(error, 'JOB_NOT_FOUND') && !isModelOpsError(error, 'IDENTITY_INVALID')) throw error;
}

/** The specs of a job's attempts that contain this code. The bytes are searched before a spec is parsed, because most jobs use other models. */
async function specsOfModel(
  { job_id: job, attempts, spec }: JobState,
  code12: string,
  { cached, registry }: Pick<Stores, 'cached' | 'registry'>,
): Promise<JobSpec[]> {
  const attemptOf = new Map<string, number | undefined>();
  const keyOf = (digest: JobState['spec']) => (digest === undefined ? keys.spec(job) : keys.boundSpec(job, digest));
  for (const { n, spec: bound } of attempts) attemptOf.set(keyOf(bound), n);
  attemptOf.set(keyOf(spec), undefined);
  const specs: JobSpec[] = [];
  for (const [key, attempt] of attemptOf) {
    const object = await cached.get(key);
    if (object === undefined || !Buffer.from(object.bytes).includes(`sha256:${code12}`)) continue;
    specs.push(await registry.spec(job, attempt === undefined ? {} : { attempt }));
  }
  return specs;
}

function indexIn({ spec: { binding }, tasks }: Job, { address, param_id, seed, task_id }: FoundResult): number | undefined {
  if (binding.entrypoint !== address.name || binding.schema !== address.schema) return undefined;
  for (let set = 0; set < tasks.groupCount; set++) {
    if (tasks.paramsAt(set).param_id !== param_id) continue;
    const { start, end } = tasks.groupAt(set);
    for (let task = start; task < end; task++) if (BigInt(tasks.seedAt(task)) === seed && tasks.idAt(task) === task_id) return task;
  }
  return undefined;
}

async function sourceIn(
  { job_id, validation_completed_at }: JobState,
  row: FoundResult,
  { objects }: Pick<Stores, 'objects'>,
): Promise<ResultSource | null> {
  if (row.status === 'ok' && row.job_id === job_id) return 'computed';
  const attributed = (await attributionOf(objects, job_id)).get(row.task_id);
  if (attributed !== undefined || row.status !== 'ok' || validation_completed_at === null) return attributed ?? null;
  return (timeInPackName(row.pack) ?? Number.POSITIVE_INFINITY) <= Date.parse(validation_completed_at) ? 'reused' : null;
}
