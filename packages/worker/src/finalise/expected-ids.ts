import { Worker } from 'node:worker_threads';
import { TASK_WORDS, type TaskBatch } from '@modelops/contracts';
import type { Job } from '../job-context.ts';
import { programPath } from '../programs.ts';

/** Gives the batch that has the words of a task's id. */
export type ExpectedIds = (task: number) => Pick<TaskBatch, 'start' | 'words'>;

/** Jobs of so many tasks have their ids made by a thread: of fewer they are made before it has started; more would take much memory at once. */
const THREADED = { least: 250_000, most: 4_000_000 };

/** The ids of all tasks of a job. Those of a large job are made on another core, while the caller reads what exists. */
export async function makeExpectedIds({ tasks, spec }: Job, { least, most } = THREADED): Promise<ExpectedIds> {
  if (tasks.count < least || tasks.count > most) return tasks.batchOf;
  const words = new Uint32Array(new SharedArrayBuffer(4 * TASK_WORDS * tasks.count));
  const { study, binding } = spec;
  const thread = new Worker(programPath('expected-ids-thread'), { workerData: { study, binding, words }, execArgv: [], env: {} });
  await new Promise<void>((resolve, reject) => {
    thread.once('error', reject);
    thread.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the thread that makes task ids exited with ${code}`))));
  });
  const whole = { start: 0, words };
  return () => whole;
}
