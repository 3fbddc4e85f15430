/** The thread of {@link makeTaskIds}: fills `seeds` and `words` with those of all tasks, and counts them in `made`. */
import { workerData } from 'node:worker_threads';
import { createJobTasks, TASK_WORDS } from '@modelops/contracts';
import type { TaskIdsOrder } from './task-ids.ts';

const { study, binding, seeds, words, made } = workerData as TaskIdsOrder;
const tasks = createJobTasks(study, binding);
for (let task = 0; task < tasks.count; ) {
  const batch = tasks.batchOf(task);
  words.set(batch.words, task * TASK_WORDS);
  // A given seed is a bigint; the worker reads it in the study.
  seeds.set(
    batch.seeds instanceof Uint32Array ? batch.seeds : Array.from(batch.seeds, (seed) => (typeof seed === 'number' ? seed : 0)),
    task,
  );
  task = batch.end;
  Atomics.store(made, 0, task);
}
