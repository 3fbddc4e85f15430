import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type JobSpec, type JobTasks, TASK_WORDS } from '@modelops/contracts';
import type { Job } from './job-context.ts';
import { programPath } from './programs.ts';

/** Numbers of tasks whose ids a thread makes: fewer are cached once they have been computed, more need too much memory (36 bytes each). */
const THREADED = { min: 65_536, max: 4_000_000 };

/** The data of the thread. The arrays are shared with it; `made` has one element, the number of tasks made so far. */
export interface TaskIdsOrder extends Pick<JobSpec, 'study' | 'binding'> {
  readonly seeds: Uint32Array;
  readonly words: Uint32Array;
  readonly made: Int32Array;
}

/** The threads that have been started, by what they make ids for. */
const threads = new WeakMap<JobTasks, Promise<void>>();

/**
 * Has the seeds and ids of all tasks of a large job made by a thread, while the caller does something else; `job.tasks` takes them from there. Resolves
 * once they are made, at once for other jobs. The signal stops the thread; without one it does not keep the process alive.
 */
export function makeTaskIds(job: Job, signal?: AbortSignal, limits = THREADED): Promise<void> {
  const made = threads.get(job.tasks) ?? startThread(job, signal, limits);
  threads.set(job.tasks, made);
  return made;
}

async function startThread({ tasks, spec }: Job, signal: AbortSignal | undefined, { min, max }: typeof THREADED): Promise<void> {
  if (tasks.count < min || tasks.count > max) return;
  const shared = (length: number) => new SharedArrayBuffer(4 * length);
  const seeds = new Uint32Array(shared(tasks.count));
  const words = new Uint32Array(shared(tasks.count * TASK_WORDS));
  const made = new Int32Array(shared(1));
  const { study, binding } = spec;
  const workerData: TaskIdsOrder = { study, binding, seeds, words, made };
  const thread = new Worker(programPath('task-ids-thread'), { workerData, execArgv: [], env: {} });
  if (signal === undefined) thread.unref();
  tasks.use({ seeds, words, count: () => Atomics.load(made, 0) });
  const stop = () => void thread.terminate();
  signal?.addEventListener('abort', stop);
  try {
    const [status] = (await once(thread, 'exit')) as [number];
    signal?.throwIfAborted();
    if (status !== 0) throw new Error(`the thread that makes task ids exited with ${status}`);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
