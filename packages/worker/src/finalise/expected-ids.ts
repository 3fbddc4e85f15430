import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { TASK_WORDS, type TaskBatch } from '@modelops/contracts';
import type { Job } from '../job-context.ts';
import { programPath } from '../programs.ts';

/** Returns the batch that contains a task's id. */
export type ExpectedIds = (task: number) => Pick<TaskBatch, 'start' | 'words'>;

/** Task counts for which a thread makes the ids: with fewer tasks it is not faster, with more it needs too much memory. */
const THREADED = { min: 250_000, max: 4_000_000 };

/**
 * The ids of all tasks of a job. For a large job a thread makes them while the caller reads the existing tasks; if that fails, the caller aborts the
 * signal and the thread stops.
 */
export async function makeExpectedIds({ tasks, spec }: Job, signal: AbortSignal, { min, max } = THREADED): Promise<ExpectedIds> {
  if (tasks.count < min || tasks.count > max) return tasks.batchOf;
  const words = new Uint32Array(new SharedArrayBuffer(4 * TASK_WORDS * tasks.count));
  const { study, binding } = spec;
  const thread = new Worker(programPath('expected-ids-thread'), { workerData: { study, binding, words }, execArgv: [], env: {} });
  const stop = () => void thread.terminate();
  signal.addEventListener('abort', stop);
  try {
    const [status] = (await once(thread, 'exit')) as [number];
    signal.throwIfAborted();
    if (status !== 0) throw new Error(`the thread that makes task ids exited with ${status}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  const whole = { start: 0, words };
  return () => whole;
}
