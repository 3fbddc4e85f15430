import { type JobId, type JobState, ModelOpsError } from '@modelops/contracts';
import type { JobRegistry } from '@modelops/store';

export interface EvictionChoice {
  /** Ids, which may be shortened. */
  readonly evict: readonly string[];
  /** Every succeeded job that was made until then, too. */
  readonly until: Date | undefined;
}

/**
 * The jobs whose results may be kept without their outputs. @throws CONFLICT for a named job that has not succeeded: it needs its outputs to be
 * finished; JOB_NOT_FOUND
 */
export async function selectEvicted({ evict, until }: EvictionChoice, registry: JobRegistry): Promise<Set<JobId>> {
  const chosen = new Set<JobId>();
  for (const name of evict) {
    const id = await registry.resolve(name);
    refuseUnfinished(await registry.state(id));
    chosen.add(id);
  }
  if (until !== undefined) for await (const { job_id } of registry.list({ status: ['succeeded'], until })) chosen.add(job_id);
  return chosen;
}

function refuseUnfinished({ job_id, status }: JobState): void {
  if (status === 'succeeded') return;
  throw new ModelOpsError('CONFLICT', `${job_id} is ${status}: what is missing of it may need its outputs`, {
    hint: `mops jobs resume ${job_id}, or mops jobs delete ${job_id} when nothing of it is wanted any more`,
  });
}
