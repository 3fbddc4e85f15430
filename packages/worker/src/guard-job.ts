import { createMemoryGuard, type MemoryGuard } from '@modelops/model-host';
import type { Job } from './job-context.ts';

/** The guard over the hosts of a job: by its own limit, and by the container's. */
export function guardJob({ spec }: Pick<Job, 'spec'>): MemoryGuard {
  const { memory_mib } = spec.binding;
  return createMemoryGuard({ host: memory_mib === null ? undefined : memory_mib * 2 ** 20 });
}
