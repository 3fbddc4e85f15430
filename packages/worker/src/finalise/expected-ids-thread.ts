/** The thread of {@link makeExpectedIds}: fills `words` with all task ids. */
import { workerData } from 'node:worker_threads';
import { createJobTasks, type JobSpec, TASK_WORDS } from '@modelops/contracts';

const { study, binding, words } = workerData as Pick<JobSpec, 'study' | 'binding'> & { readonly words: Uint32Array };
const tasks = createJobTasks(study, binding);
for (let task = 0; task < tasks.count; ) {
  const batch = tasks.batchOf(task);
  words.set(batch.words, task * TASK_WORDS);
  task = batch.end;
}
