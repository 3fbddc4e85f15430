import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type JobSpec, type JobTasks, type Seed, TASK_WORDS, type TaskBatch } from '@modelops/contracts';
import type { Job } from './job-context.ts';
import { programPath } from './programs.ts';

/** Numbers of tasks whose ids a thread makes: fewer are cached once they have been computed, more need too much memory (36 bytes each). */
const THREADED = { min: 262_144, max: 4_000_000 };

/** Seeds and ids of all tasks of a job, shared with the thread, which makes them from the first task on until it meets those made from the last. */
export interface SharedTaskIds {
  readonly seeds: Uint32Array;
  readonly words: Uint32Array;
  /** The number of first tasks made so far, and the task from which on all are made. */
  readonly progress: Int32Array;
}

export const MADE = 0;
export const FROM = 1;

/** The data of the thread. */
export type TaskIdsOrder = SharedTaskIds & Pick<JobSpec, 'study' | 'binding'>;

/** The threads that have been started, by what they make ids for. */
const threads = new WeakMap<JobTasks, Promise<void>>();
const shared = new WeakMap<JobTasks, SharedTaskIds>();

/**
 * Has the seeds and ids of all tasks of a large job made by a thread, while the caller does something else; `job.tasks` takes them from there. Resolves
 * once they are made, at once for other jobs. The signal stops the thread. What a thread that failed did not make is computed when it is read.
 */
export function makeTaskIds(job: Job, signal?: AbortSignal, limits = THREADED): Promise<void> {
  const made = threads.get(job.tasks) ?? startThread(job, signal, limits);
  threads.set(job.tasks, made);
  // A later call starts another thread.
  made.catch(() => threads.delete(job.tasks));
  return made;
}

async function startThread({ tasks, spec }: Job, signal: AbortSignal | undefined, { min, max }: typeof THREADED): Promise<void> {
  if (tasks.count < min || tasks.count > max) return;
  const memory = (length: number) => new SharedArrayBuffer(4 * length);
  const seeds = new Uint32Array(memory(tasks.count));
  const words = new Uint32Array(memory(tasks.count * TASK_WORDS));
  const progress = new Int32Array(memory(2));
  progress[FROM] = tasks.count;
  const { study, binding } = spec;
  const workerData: TaskIdsOrder = { study, binding, seeds, words, progress };
  const thread = new Worker(programPath('task-ids-thread'), { workerData, execArgv: [], env: {} });
  shared.set(tasks, workerData);
  tasks.use({ seeds, words, count: () => Atomics.load(progress, MADE), from: () => Atomics.load(progress, FROM) });
  const stop = () => void thread.terminate();
  signal?.addEventListener('abort', stop);
  await once(thread, 'exit').catch(() => undefined);
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
}

/** Makes seeds and ids of a job with a thread from its last task backwards, until the thread is met: for a caller with nothing else to do. */
export function helpMakeTaskIds({ tasks }: Job): void {
  const ids = shared.get(tasks);
  if (ids === undefined) return;
  while (Atomics.load(ids.progress, MADE) < Atomics.load(ids.progress, FROM)) {
    const batch = tasks.batchOf(Atomics.load(ids.progress, FROM) - 1);
    writeTaskIds(batch, ids);
    Atomics.store(ids.progress, FROM, batch.start);
  }
}

export function writeTaskIds(batch: TaskBatch, { seeds, words }: SharedTaskIds): void {
  words.set(batch.words, batch.start * TASK_WORDS);
  // A given seed is a bigint; it is read in the study.
  const derived = (seed: Seed | number) => (typeof seed === 'number' ? seed : 0);
  seeds.set(batch.seeds instanceof Uint32Array ? batch.seeds : Array.from(batch.seeds, derived), batch.start);
}
