import { type JobId, type JobSpec, type JobStatus, jobSpecSchema, keys, parseJson } from '@modelops/contracts';
import { attributionOf, type FoundResult, type ResultSource } from '@modelops/store';
import { createJob, type Stores } from '@modelops/worker';

/** One job that asked for a result. */
export interface JobUse {
  readonly job: JobId;
  readonly status: JobStatus;
  readonly created_at: string;
  /** How the job came by the result; null while it has not: the task failed, or has not been reached. */
  readonly source: ResultSource | null;
}

/** Jobs looked at together. */
const AT_ONCE = 8;

/**
 * The jobs that asked for a result, newest first. A job asks for what its spec says, so a job that is still to run is among them; whether
 * it computed the result or found it is told by its attribution, and by the result's own row where a crash kept that from being written.
 */
export async function jobsOf(row: FoundResult, stores: Pick<Stores, 'objects' | 'cached' | 'registry'>): Promise<JobUse[]> {
  const uses: JobUse[] = [];
  const look = async (states: readonly { job_id: JobId; status: JobStatus; created_at: string }[]) => {
    const found = await Promise.all(
      states.map(async ({ job_id: job, status, created_at }) => {
        const spec = await specOfModel(job, row.address.code, stores);
        if (spec === undefined || !asksFor(spec, row)) return undefined;
        return { job, status, created_at, source: await sourceIn(job, row, stores) };
      }),
    );
    uses.push(...found.filter((use) => use !== undefined));
  };
  let waiting: { job_id: JobId; status: JobStatus; created_at: string }[] = [];
  for await (const state of stores.registry.list()) {
    waiting.push(state);
    if (waiting.length < AT_ONCE) continue;
    await look(waiting);
    waiting = [];
  }
  await look(waiting);
  return uses;
}

/** The job's spec where it names the code at all: a spec is as long as its study, and most are of other models. */
async function specOfModel(job: JobId, code12: string, { cached }: Pick<Stores, 'cached'>): Promise<JobSpec | undefined> {
  const source = keys.spec(job);
  const object = await cached.get(source);
  if (object === undefined || !Buffer.from(object.bytes).includes(`"sha256:${code12}`)) return undefined;
  return parseJson(new TextDecoder().decode(object.bytes), jobSpecSchema, { source, code: 'STORE_CORRUPT' });
}

function asksFor(spec: JobSpec, { address, param_id, seed, task_id }: FoundResult): boolean {
  if (spec.binding.entrypoint !== address.name || spec.binding.schema !== address.schema) return false;
  const { tasks } = createJob(spec);
  for (let set = 0; set < tasks.groupCount; set++) {
    if (tasks.paramsAt(set).param_id !== param_id) continue;
    const { start, end } = tasks.groupAt(set);
    for (let task = start; task < end; task++) if (BigInt(tasks.seedAt(task)) === seed && tasks.idAt(task) === task_id) return true;
  }
  return false;
}

async function sourceIn(job: JobId, row: FoundResult, { objects }: Pick<Stores, 'objects'>): Promise<ResultSource | null> {
  if (row.status === 'ok' && row.job_id === job) return 'computed';
  return (await attributionOf(objects, job)).get(row.task_id) ?? null;
}
