import type { JobId } from '@modelops/contracts';
import type { ObjectStore } from '@modelops/store';
import { readDones } from '@modelops/worker';

/** Counts the tasks that a job's attempts computed, from the `done` records of their chunks; later calls read only new records. */
export function createDoneCounter(id: JobId, store: { readonly objects: ObjectStore }): () => Promise<number> {
  const counted = new Set<string>();
  let total = 0;
  return async () => {
    for await (const { computed } of readDones(id, store, { seen: counted })) total += computed;
    return total;
  };
}
