import { answering, ModelOpsError, type TaskId } from '@modelops/contracts';
import { createJob, type Job, type Stores } from '@modelops/worker';
import { findTask } from '../jobs/explain/find-task.ts';
import { jobWithTask } from '../results/jobs-of.ts';
import { resolveResult } from '../results/resolve-result.ts';

/** A task, and a job that binds it to its bundle. */
export interface LocatedTask {
  readonly job: Job;
  readonly index: number;
  readonly id: TaskId;
}

/**
 * Finds a task by its id, an unambiguous prefix of it, or its logical path `sims/…/seed_…`: in the given job, otherwise among the results and
 * failures of the store. @throws RESULT_NOT_FOUND, IDENTITY_INVALID; CONFLICT naming the candidates
 */
export async function locateTask(name: string, inJob: string | undefined, stores: Stores): Promise<LocatedTask> {
  if (inJob !== undefined) {
    const job = createJob(await stores.registry.spec(await stores.registry.resolve(inJob)));
    const found = findTask(job, name);
    if ('reason' in found) throw new ModelOpsError('RESULT_NOT_FOUND', found.reason, { hint: `mops jobs manifest ${job.id}` });
    return { job, ...found };
  }
  const notStored = (): never => {
    throw new ModelOpsError('RESULT_NOT_FOUND', `no result and no failure of task ${name} is stored`, {
      hint: `for a task that has not run, name its job: mops repro ${name} --job JOB`,
    });
  };
  const { row } = await resolveResult(name, stores.cached).catch(answering(notStored, 'RESULT_NOT_FOUND'));
  const found = await jobWithTask(row, stores);
  if (found !== undefined) return { ...found, id: row.task_id };
  throw new ModelOpsError('JOB_NOT_FOUND', `no job contains task ${row.task_id}, so its bundle is unknown`, {
    hint: 'submit a study with this parameter set; stored results are reused',
  });
}
