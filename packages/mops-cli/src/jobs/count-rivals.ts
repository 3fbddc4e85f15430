import { type ChunkOrder, isModelOpsError, type JobId, packPrefix } from '@modelops/contracts';
import { createJob, type Job, type Stores } from '@modelops/worker';

/** An older job that still runs is met as well by what its workers have written. */
const LOOK_BACK_MS = 6 * 3_600_000;

/**
 * How many other jobs are at work at the same address now, among those of the last six hours: they may want the same results. A job whose
 * record cannot be read is ignored.
 */
export async function countRivals({ id, sims }: Job, { registry, now }: Pick<Stores, 'registry' | 'now'>): Promise<number> {
  const since = new Date(now() - LOOK_BACK_MS);
  let rivals = 0;
  const filter = { status: ['submitting', 'scheduled', 'running'], since, onUnreadable: () => undefined } as const;
  for await (const { job_id } of registry.list(filter))
    if (job_id !== id && (await addressOf(job_id, registry)) === packPrefix(sims)) rivals++;
  return rivals;
}

/** Where a job's results go; undefined for one whose spec cannot be read: it is ignored. */
async function addressOf(id: JobId, registry: Stores['registry']): Promise<string | undefined> {
  try {
    return packPrefix(createJob(await registry.spec(id)).sims);
  } catch (error) {
    if (isModelOpsError(error, 'STORE_CORRUPT') || isModelOpsError(error, 'JOB_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** The order in which a job takes its chunks beside its rivals. */
export function orderBeside(rivals: number): ChunkOrder {
  if (rivals === 0) return 'forward';
  return rivals === 1 ? 'backward' : 'scattered';
}
