import { jsonBytes, keys } from '@modelops/contracts';
import { mebibytes, readContainerMemory, type TaskError } from '@modelops/model-host';
import { packName, readRecord } from '@modelops/store';
import { bootId } from '@modelops/system';
import * as z from 'zod';
import type { TaskRunner } from './chunk/task-runner.ts';
import type { Job, Stores } from './job-context.ts';

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
  /** The target that is about to be evaluated. */
  target: z.string().nullable().default(null),
  /** Targets whose evaluation killed the worker. */
  fatal_targets: z.array(z.string()).default([]),
  /** Targets whose machine was lost while they were evaluated. */
  lost_targets: z.array(z.string()).default([]),
});

/** What is about to run. Nothing: a following crash has another cause. */
export type Announced = { readonly task: number } | { readonly target: string } | null;

export interface Caution {
  /** Tasks that killed a worker; they are recorded as failures. */
  readonly fatal: ReadonlySet<number>;
  /** Targets that killed a worker; they are not evaluated again in this attempt. */
  readonly fatalTargets: ReadonlySet<string>;
  announce(next: Announced): Promise<void>;
}

/**
 * Opens the caution record of a chunk whose worker died, or of the finalisation, which has the number after the last chunk. A task that was
 * announced when the worker died again is recorded as a failure in its own pack and added to `fatal`; a target is added to `fatalTargets`. If the
 * machine was lost too (this is another machine, or another boot), neither is blamed the first time. It is blamed when a second machine is lost,
 * because a container that ran out of memory may be restarted on another machine.
 */
export async function openCaution(
  job: Job,
  n: number,
  chunk: number,
  { stores, worker, boot = bootId() }: { readonly stores: Stores; readonly worker: string; readonly boot?: string },
): Promise<Caution> {
  const key = keys.caution(job.id, n, chunk);
  const held = (await readRecord(stores.objects, key, cautionSchema)) ?? cautionSchema.parse({ task: null, fatal: [] });
  const { task, target } = held;
  const [known, lost] = [new Set(held.fatal), new Set(held.lost)];
  const [fatalTargets, lostTargets] = [new Set(held.fatal_targets), new Set(held.lost_targets)];
  const write = (next: Announced) => {
    const record = { task: null, target: null, ...next, fatal: [...known], boot, lost: [...lost] };
    return stores.objects.put(key, jsonBytes({ ...record, fatal_targets: [...fatalTargets], lost_targets: [...lostTargets] }));
  };
  const isMachineLost = held.boot !== undefined && held.boot !== boot;
  if (task !== null && !known.has(task)) {
    const isBlamed = !isMachineLost || lost.has(task);
    if (isBlamed) await recordFatal(job, task, stores, worker);
    (isBlamed ? known : lost).add(task);
  }
  if (target !== null) (isMachineLost && !lostTargets.has(target) ? lostTargets : fatalTargets).add(target);
  await write(null);
  return { fatal: known, fatalTargets, announce: async (at) => void (await write(at)) };
}

/** The targets that killed a worker of the attempt. */
export async function fatalTargets(job: Job, n: number, { objects }: Pick<Stores, 'objects'>): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const { key } of objects.list(keys.cautions(job.id, n)))
    for (const target of (await readRecord(objects, key, cautionSchema))?.fatal_targets ?? []) found.add(target);
  return found;
}

type Evaluate = TaskRunner['evaluate'];

/** Fails targets that killed a worker without evaluating them. */
export function refusingTargets(evaluate: Evaluate, fatal: ReadonlySet<string>): Evaluate {
  return async (target, outputs) => (fatal.has(target) ? { error: killedBy(target) } : evaluate(target, outputs));
}

/** Evaluates one target after another and announces each first; fails those that killed a worker. */
export function announcingTargets(evaluate: Evaluate, caution: Caution, signal: AbortSignal): Evaluate {
  let before: Promise<unknown> = Promise.resolve();
  const one: Evaluate = (target, outputs) =>
    clearingAfter(caution, signal, async () => {
      if (!signal.aborted) await caution.announce({ target });
      return evaluate(target, outputs);
    });
  const inTurn: Evaluate = (target, outputs) => {
    const evaluated = before.then(() => one(target, outputs));
    before = evaluated.catch(() => undefined); // its caller gets the error
    return evaluated;
  };
  return refusingTargets(inTurn, caution.fatalTargets);
}

/** Runs each task alone and announces it first, and each target. */
export function announcing(runner: TaskRunner, caution: Caution, signal: AbortSignal): TaskRunner {
  return {
    ...runner,
    evaluate: announcingTargets(runner.evaluate, caution, signal),
    run: (tasks, onBatch) =>
      clearingAfter(caution, signal, async () => {
        for (const task of tasks) {
          if (!signal.aborted) await caution.announce({ task: task.index });
          await runner.run([task], onBatch);
        }
      }),
  };
}

/** Announces null when `run` ends, and at SIGTERM: nothing is blamed for what follows. */
async function clearingAfter<T>(caution: Caution, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  const onAbort = () => void caution.announce(null).catch(() => undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await run();
  } finally {
    signal.removeEventListener('abort', onAbort);
    await caution.announce(null);
  }
}

function killedBy(target: string): TaskError {
  return {
    kind: 'crash',
    type: 'WorkerKilled',
    message: `the whole worker was killed while it evaluated target ${target}${likeOutOfMemory()}`,
  };
}

function likeOutOfMemory(): string {
  const { limit } = readContainerMemory();
  return limit === undefined ? '' : `, as the kernel does when a container is out of memory (limit ${mebibytes(limit)})`;
}

async function recordFatal(job: Job, task: number, { provenance, now, random }: Stores, worker: string): Promise<void> {
  const { params, seed } = job.tasks.taskAt(task);
  const error: TaskError = {
    kind: 'crash',
    type: 'WorkerKilled',
    message: `the whole worker was killed twice while it ran this task${likeOutOfMemory()}`,
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
