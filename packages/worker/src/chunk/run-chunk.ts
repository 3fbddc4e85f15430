import { type AttemptPlan, jsonBytes, keys, type TaskId } from '@modelops/contracts';
import { type TaskIdSet, writeAttribution } from '@modelops/store';
import { aggregateGroups, memoryOf } from '../aggregate/aggregate-groups.ts';
import { aggregateSharedSets } from '../aggregate/aggregate-shared-sets.ts';
import type { Job, Stores } from '../job-context.ts';
import { type BatchResult, type RunnableTask, withoutDiffering } from './batch.ts';
import type { ChunkDone } from './done-records.ts';
import { createJobColumns, type JobColumns } from './job-columns.ts';
import { createPackBuffer, type KeptOutputs, type PackBuffer } from './pack-buffer.ts';
import { setsWholeIn } from './sets-of-chunk.ts';
import { Interrupted, type TaskRunner } from './task-runner.ts';

const LARGE_BYTES = 8 * 2 ** 20;

export interface ChunkWork {
  readonly job: Job;
  readonly plan: AttemptPlan;
  readonly chunk: number;
  readonly index: number;
  /** Tasks that have results, as of the last listing. */
  readonly existing: TaskIdSet;
  /** Tasks that killed a worker: already recorded as failures, skipped here. */
  readonly skipped: ReadonlySet<number>;
  readonly worker: string;
  /** Memory that the chunks of a worker share. */
  readonly memory?: KeptOutputs;
  /** Shared by the chunks of a worker. */
  readonly columns?: JobColumns;
  /** Called when the host will soon be free, if that can be expected. */
  readonly onNearEnd?: (() => void) | undefined;
}

/** A chunk whose tasks have run; `commit` makes its results durable. */
export interface RanChunk {
  commit(): Promise<ChunkDone>;
}

/**
 * Runs the tasks of a chunk that have no result yet. `commit` then writes the last pack, the attribution, the aggregations of parameter sets
 * that are whole in this chunk, the chunk's `done` record, and the aggregations of sets whose last chunk this was.
 * @throws Interrupted, after writing the finished results; LoadFailed
 */
export async function runChunk(work: ChunkWork, runner: TaskRunner, stores: Stores): Promise<RanChunk> {
  const { job, plan, chunk, index, existing, skipped, worker, memory, columns = createJobColumns(job, stores) } = work;
  const startedAt = stores.now();
  const { toRun, reused } = divide(work, stores);
  const buffer = createPackBuffer(job, stores, worker, memory);
  try {
    const keep = async (result: BatchResult) => buffer.add(await columns.check(result, existing));
    const again: RunnableTask[] = [];
    const onBatch = async (ran: BatchResult) => {
      const { result, differing } = withoutDiffering(ran);
      again.push(...differing);
      await keep(result);
    };
    await runner.run(toRun, onBatch, work.onNearEnd);
    for (const task of again) await runner.run([task], keep);
    // Several chunks may wait for their commit: do not hold large results until then.
    if (buffer.pendingBytes > LARGE_BYTES) await buffer.flush();
  } catch (error) {
    if (error instanceof Interrupted) await buffer.flush();
    buffer.forget();
    throw error;
  }

  return {
    async commit() {
      await buffer.flush();
      const ran = new Set(toRun.flatMap(({ index: task }) => (buffer.failedTasks.has(task) ? [] : [task])));
      const attributed = [
        ...Array.from(ran, (task) => ({ task_id: job.tasks.idAt(task), source: 'computed' as const })),
        ...reused.map((task) => ({ task_id: job.tasks.idAt(task), source: 'reused' as const })),
      ];
      if (attributed.length > 0) await writeAttribution(stores.objects, keys.attribution(job.id, plan.n, chunk), attributed);
      const has = (task: number) => ran.has(task) || existing.has(job.tasks.idAt(task));
      const found = { has, memory: memoryOf(buffer.packs), evaluate: runner.evaluate };
      await aggregateGroups(job, setsWholeIn(job, plan, chunk), found, stores).finally(buffer.forget);
      const done: ChunkDone = {
        chunk,
        index,
        tasks: toRun.length + reused.length + skipped.size,
        computed: toRun.length - buffer.failedTasks.size,
        reused: reused.length,
        failed: failuresOf(buffer, skipped),
        packs: buffer.packs.map(({ name }) => name),
        model_ms: Math.round(buffer.modelMs * 1000) / 1000,
        started_at: new Date(startedAt).toISOString(),
        ended_at: new Date(stores.now()).toISOString(),
      };
      await stores.objects.put(keys.done(job.id, plan.n, chunk), jsonBytes(done));
      await aggregateSharedSets(job, work, runner.evaluate, stores);
      return done;
    },
  };
}

/** Failures by kind; a task that killed a worker counts as a crash. */
function failuresOf({ failed }: PackBuffer, skipped: ReadonlySet<number>): ChunkDone['failed'] {
  const crashes = (failed.get('crash') ?? 0) + skipped.size;
  return { ...Object.fromEntries(failed), ...(crashes > 0 && { crash: crashes }) };
}

/** Splits the chunk's tasks. A task whose outputs were deleted is planned only if a target needs them, so it runs again. */
function divide({ job, plan, chunk, existing, skipped }: ChunkWork, { provenance }: Stores): { toRun: RunnableTask[]; reused: number[] } {
  const toRun: RunnableTask[] = [];
  const reused: number[] = [];
  const isUsable = (id: TaskId) => existing.has(id) && !provenance.isEvicted(job.sims, id);
  for (const [start, end] of plan.chunks[chunk]!) {
    for (let at = start; at < end; ) {
      const group = job.tasks.groupOf(at);
      for (const stop = Math.min(end, group.end); at < stop; at++) {
        if (skipped.has(at)) continue;
        if (existing.size > 0 && isUsable(job.tasks.idAt(at))) reused.push(at);
        else toRun.push({ index: at, set: group.set, seed: job.tasks.seedAt(at) });
      }
    }
  }
  return { toRun, reused };
}
