import { createJobTasks, type JobId, keys, ModelOpsError, packPrefix, parseJobId } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { TaskIdSet } from '../packs/task-id-set.ts';
import type { JobRegistry } from '../records/job-registry.ts';

/** What jobs need of the store. */
export interface Reachable {
  /** The tasks under a prefix of packs that some job expects. */
  tasksUnder(prefix: string): Promise<TaskIdSet>;
}

/**
 * What every job but those of `without` expects, whatever its state: a job may be resumed or validated again.
 * @throws CONFLICT for a job whose spec cannot be read: nobody can tell what it needs
 */
export async function findReachable(
  objects: ObjectStore,
  registry: Pick<JobRegistry, 'spec'>,
  without: ReadonlySet<JobId>,
): Promise<Reachable> {
  const jobsUnder = new Map<string, JobId[]>();
  for await (const { key } of objects.list(keys.jobs, { delimiter: '/' })) {
    const name = key.slice(keys.jobs.length, -1);
    const hasRecord = (await objects.head(`${key}spec.json`)) !== undefined || (await objects.head(`${key}state.json`)) !== undefined;
    if (!key.endsWith('/') || !hasRecord) continue;
    const { id, prefix } = await addressOf(name, registry);
    if (!without.has(id)) jobsUnder.set(prefix, [...(jobsUnder.get(prefix) ?? []), id]);
  }
  return {
    async tasksUnder(prefix) {
      const tasks = new TaskIdSet();
      for (const id of jobsUnder.get(prefix) ?? []) {
        const { study, binding } = await registry.spec(id);
        const expected = createJobTasks(study, binding);
        for (let task = 0; task < expected.count; task++) tasks.add(expected.idAt(task));
      }
      return tasks;
    },
  };
}

async function addressOf(name: string, registry: Pick<JobRegistry, 'spec'>): Promise<{ readonly id: JobId; readonly prefix: string }> {
  try {
    const id = parseJobId(name);
    const { schema, code, entrypoint } = (await registry.spec(id)).binding;
    return { id, prefix: packPrefix({ schema, kind: 'sims', code, name: entrypoint }) };
  } catch (cause) {
    throw new ModelOpsError('CONFLICT', `what ${name} needs cannot be told: its spec cannot be read`, {
      hint: `mend or delete ${keys.jobs}${name}/, then ask again; nothing was removed`,
      cause,
    });
  }
}
