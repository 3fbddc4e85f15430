/** The thread of {@link makeTaskIds}: makes seeds and ids from the first task on, until those made from the last one are met. */
import { workerData } from 'node:worker_threads';
import { createJobTasks } from '@modelops/contracts';
import { FROM, MADE, type TaskIdsOrder, writeTaskIds } from './task-ids.ts';

const order = workerData as TaskIdsOrder;
const tasks = createJobTasks(order.study, order.binding);
for (let task = 0; task < Atomics.load(order.progress, FROM); ) {
  const batch = tasks.batchOf(task);
  writeTaskIds(batch, order);
  task = batch.end;
  Atomics.store(order.progress, MADE, task);
}
