import { createJobTasks, ERRORS, isJobId, isModelOpsError, type JobId, keys, packPrefix } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { TaskIdSet } from '../packs/index/task-id-set.ts';
import type { JobRegistry } from '../records/job-registry.ts';

/** The results that jobs need. */
export interface Reachable {
  /** Jobs whose spec cannot be read: they may need anything. */
  readonly unreadable: readonly UnreadableJob[];
  /** The tasks under a prefix of packs that a job expects; those of the last prefix are kept. */
  tasksUnder(prefix: string): Promise<TaskIdSet>;
}

export interface UnreadableJob {
  readonly job: string;
  readonly reason: string;
}

/** The tasks that jobs other than `without` expect, in any state: a job may be resumed or validated again. */
export async function findReachable(
  objects: ObjectStore,
  registry: Pick<JobRegistry, 'spec'>,
  without: ReadonlySet<JobId>,
): Promise<Reachable> {
  const jobsUnder = new Map<string, JobId[]>();
  const unreadable: UnreadableJob[] = [];
  for await (const { key } of objects.list(keys.jobs, { delimiter: '/' })) {
    const id = key.slice(keys.jobs.length, -1);
    if (!key.endsWith('/') || !isJobId(id)) continue; // another program's folder
    try {
      const hasRecord = (await objects.head(keys.spec(id))) !== undefined || (await objects.head(keys.state(id))) !== undefined;
      if (!hasRecord || without.has(id)) continue;
      const { schema, code, entrypoint } = (await registry.spec(id)).binding;
      const prefix = packPrefix({ schema, kind: 'sims', code, name: entrypoint });
      jobsUnder.set(prefix, [...(jobsUnder.get(prefix) ?? []), id]);
    } catch (error) {
      if (!isModelOpsError(error) || ERRORS[error.code].retryable) throw error;
      unreadable.push({ job: id, reason: error.message });
    }
  }
  let last: { readonly prefix: string; readonly tasks: TaskIdSet } | undefined;
  return {
    unreadable,
    async tasksUnder(prefix) {
      if (last?.prefix === prefix) return last.tasks;
      const tasks = new TaskIdSet();
      for (const id of jobsUnder.get(prefix) ?? []) {
        const { study, binding } = await registry.spec(id);
        const expected = createJobTasks(study, binding);
        for (let task = 0; task < expected.count; task++) tasks.add(expected.idAt(task));
      }
      last = { prefix, tasks };
      return tasks;
    },
  };
}
