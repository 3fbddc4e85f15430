import { keys, parseJson } from '@modelops/contracts';
import { mebibytes, readContainerMemory, type TaskError } from '@modelops/model-host';
import { packName } from '@modelops/store';
import { bootId } from '@modelops/system';
import * as z from 'zod';
import type { TaskRunner } from './chunk/task-runner.ts';
import { type Job, jsonBytes, type Stores } from './job-context.ts';

/** `attempts/<n>/caution/<chunk>`: written before each task of a crashed chunk, whose tasks run one at a time. */
const cautionSchema = z.object({
  /** The task that is about to run; null between tasks. */
  task: z.int().nullable(),
  /** Tasks that killed the worker. */
  fatal: z.array(z.int()),
  /** The boot of the machine on which the task is about to run. */
  boot: z.string().optional(),
  /** Tasks whose machine was lost while they ran. */
  lost: z.array(z.int()).default([]),
});

export interface Caution {
  /** Tasks that killed a worker; they are recorded as failures. */
  readonly fatal: ReadonlySet<number>;
  /** Announces the task that is about to run; null if a following crash is not caused by a task. */
  announce(task: number | null): Promise<void>;
}

/**
 * Opens the caution record of a chunk whose worker died. A task that was announced when the worker died again is recorded as
 * a failure in its own pack and added to `fatal`. If the machine was lost too (this is another machine, or another boot), the task is not blamed
 * the first time. It is blamed when a second machine is lost, because a container that ran out of memory may be restarted on another machine.
 */
export async function openCaution(
  job: Job,
  n: number,
  chunk: number,
  { stores, worker, boot = bootId() }: { readonly stores: Stores; readonly worker: string; readonly boot?: string },
): Promise<Caution> {
  const key = keys.caution(job.id, n, chunk);
  const object = await stores.objects.get(key);
  const held =
    object === undefined
      ? { task: null, fatal: [], lost: [] }
      : parseJson(new TextDecoder().decode(object.bytes), cautionSchema, { source: key, code: 'STORE_CORRUPT' });
  const { task } = held;
  const known = new Set(held.fatal);
  const lost = new Set(held.lost);
  const write = (at: number | null) => stores.objects.put(key, jsonBytes({ task: at, fatal: [...known], boot, lost: [...lost] }));
  if (task !== null && !known.has(task)) {
    if (isMachineLost(held, boot) && !lost.has(task)) lost.add(task);
    else {
      await recordFatal(job, task, stores, worker);
      known.add(task);
    }
  }
  await write(null);
  return { fatal: known, announce: async (at) => void (await write(at)) };
}

function isMachineLost(held: { readonly boot?: string | undefined }, boot: string): boolean {
  return held.boot !== undefined && held.boot !== boot;
}

/** Runs each task alone and announces it first. On SIGTERM it announces null, so no task is blamed for what follows. */
export function announcing(runner: TaskRunner, caution: Caution, signal: AbortSignal): TaskRunner {
  const clear = () => caution.announce(null);
  return {
    ...runner,
    async run(tasks, onBatch) {
      const onAbort = () => void clear().catch(() => undefined);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        for (const task of tasks) {
          if (!signal.aborted) await caution.announce(task.index);
          await runner.run([task], onBatch);
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
        await clear();
      }
    },
  };
}

async function recordFatal(job: Job, task: number, { provenance, now, random }: Stores, worker: string): Promise<void> {
  const { params, seed } = job.tasks.taskAt(task);
  const { limit } = readContainerMemory();
  const likeOutOfMemory = limit === undefined ? '' : `, as the kernel does when a container is out of memory (limit ${mebibytes(limit)})`;
  const error: TaskError = {
    kind: 'crash',
    type: 'WorkerKilled',
    message: `the whole worker was killed twice while it ran this task${likeOutOfMemory}`,
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
