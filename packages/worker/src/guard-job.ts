import { createMemoryGuard, type MemoryGuard } from '@modelops/model-host';
import type { Job } from './job-context.ts';

/** A memory guard for the job's hosts, with the job's limit per task and the container's limit. */
export function guardJob({ spec }: Pick<Job, 'spec'>): MemoryGuard {
  const { memory_mib } = spec.binding;
  return createMemoryGuard({ host: memory_mib === null ? undefined : memory_mib * 2 ** 20 });
}
