import { type JobId, type JobState, ModelOpsError } from '@modelops/contracts';
import type { JobRegistry } from '@modelops/store';

export interface EvictionChoice {
  /** Job ids or unambiguous prefixes. */
  readonly evict: readonly string[];
  /** Also every succeeded job created before this time. */
  readonly until: Date | undefined;
}

/**
 * The jobs whose outputs may be deleted. @throws JOB_NOT_FOUND; CONFLICT for a named job that has not succeeded, because its remaining tasks and
 * targets may need the outputs
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
  throw new ModelOpsError('CONFLICT', `${job_id} is ${status}: its missing results may need its outputs`, {
    hint: `mops jobs resume ${job_id}, or mops jobs delete ${job_id} if it is no longer needed`,
  });
}
