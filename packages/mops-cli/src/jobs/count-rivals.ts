import { answering, type ChunkOrder, packPrefix } from '@modelops/contracts';
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
  for await (const { job_id } of registry.list(filter)) {
    if (job_id === id) continue;
    const spec = await registry.spec(job_id).catch(answering(() => undefined, 'STORE_CORRUPT', 'JOB_NOT_FOUND'));
    if (spec !== undefined && packPrefix(createJob(spec).sims) === packPrefix(sims)) rivals++;
  }
  return rivals;
}

/** The order in which a job claims its chunks, so that it meets its rivals late. */
export function orderBeside(rivals: number): ChunkOrder {
  if (rivals === 0) return 'forward';
  return rivals === 1 ? 'backward' : 'scattered';
}
