import { type ChunkOrder, isModelOpsError, type JobId, packPrefix } from '@modelops/contracts';
import { createJob, type Job, type Stores } from '@modelops/worker';

/** Older jobs are ignored: most of their results exist already. */
const MAX_AGE_MS = 6 * 3_600_000;

/**
 * Number of other running jobs of the last six hours with the same result address, which may compute the same results. A job whose record
 * cannot be read is ignored.
 */
export async function countRivals({ id, sims }: Job, { registry, now }: Pick<Stores, 'registry' | 'now'>): Promise<number> {
  const since = new Date(now() - MAX_AGE_MS);
  let rivals = 0;
  const filter = { status: ['submitting', 'scheduled', 'running'], since, onUnreadable: () => undefined } as const;
  for await (const { job_id } of registry.list(filter))
    if (job_id !== id && (await addressOf(job_id, registry)) === packPrefix(sims)) rivals++;
  return rivals;
}

/** Where a job's results are stored; undefined if its spec cannot be read. */
async function addressOf(id: JobId, registry: Stores['registry']): Promise<string | undefined> {
  try {
    return packPrefix(createJob(await registry.spec(id)).sims);
  } catch (error) {
    if (isModelOpsError(error, 'STORE_CORRUPT') || isModelOpsError(error, 'JOB_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** The order in which a job claims its chunks, so that it meets its rivals late. */
export function orderBeside(rivals: number): ChunkOrder {
  if (rivals === 0) return 'forward';
  return rivals === 1 ? 'backward' : 'scattered';
}
