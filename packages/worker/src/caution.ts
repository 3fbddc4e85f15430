import { keys, parseJson } from '@modelops/contracts';
import { mebibytes, readContainerMemory, type TaskError } from '@modelops/model-host';
import { packName } from '@modelops/store';
import * as z from 'zod';
import type { TaskRunner } from './chunk/task-runner.ts';
import { type Job, jsonBytes, type Stores } from './job-context.ts';

/** `attempts/<n>/caution/<chunk>`: what a worker that works through a crashed chunk one task at a time says before each task. */
const cautionSchema = z.object({
  /** The task that is about to run, null between tasks. */
  task: z.int().nullable(),
  /** Tasks that took the worker down. */
  fatal: z.array(z.int()),
});

export interface Caution {
  /** Tasks that took a worker down, recorded as failures. */
  readonly fatal: ReadonlySet<number>;
  /** The task that is about to run; null when what follows is no task's doing. */
  announce(task: number | null): Promise<void>;
}

/**
 * The caution of a chunk whose worker died in it (DESIGN §7.5). The task that was announced when it died again is recorded as a failure
 * in a pack of its own and joins `fatal`.
 */
export async function openCaution(job: Job, n: number, chunk: number, stores: Stores, worker: string): Promise<Caution> {
  const key = keys.caution(job.id, n, chunk);
  const object = await stores.objects.get(key);
  const { task, fatal } =
    object === undefined
      ? { task: null, fatal: [] }
      : parseJson(new TextDecoder().decode(object.bytes), cautionSchema, { source: key, code: 'STORE_CORRUPT' });
  const known = new Set(fatal);
  const write = (at: number | null) => stores.objects.put(key, jsonBytes({ task: at, fatal: [...known] }));
  if (task !== null && !known.has(task)) {
    await recordFatal(job, task, stores, worker);
    known.add(task);
  }
  await write(null);
  return { fatal: known, announce: async (at) => void (await write(at)) };
}

/** Runs each task alone, announced first; what is no task's doing, such as SIGTERM and its consequences, is announced as none's. */
export function announcing(runner: TaskRunner, caution: Caution, signal: AbortSignal): TaskRunner {
  const absolve = () => caution.announce(null);
  return {
    ...runner,
    async run(tasks, onBatch) {
      const onAbort = () => void absolve().catch(() => undefined);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        for (const task of tasks) {
          if (!signal.aborted) await caution.announce(task.index);
          await runner.run([task], onBatch);
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
        await absolve();
      }
    },
  };
}

async function recordFatal(job: Job, task: number, { provenance, now, random }: Stores, worker: string): Promise<void> {
  const { params, seed } = job.tasks.taskAt(task);
  const { limit } = readContainerMemory();
  const asWhen = limit === undefined ? '' : `, as the kernel does when a container is out of memory (limit ${mebibytes(limit)})`;
  const error: TaskError = {
    kind: 'crash',
    type: 'WorkerKilled',
    message: `the whole worker was killed twice while it ran this task${asWhen}`,
  };
  await provenance.writeSimulations(job.sims, {
    name: packName(now(), random),
    simulations: [
      {
        task_id: job.tasks.idAt(task),
        param_id: params.param_id,
        params: JSON.stringify(params.values),
        seed,
        status: 'failed',
        error: JSON.stringify(error),
        started_at: now(),
        duration_ms: 0,
      },
    ],
    outputs: {},
    job_id: job.id,
    worker,
  });
}
