import { replicateSeeds, type Seed } from '../identity/seed.ts';
import { createTaskWords, type TaskId, type TaskIdentity } from '../identity/task-id.ts';
import type { TaskSets } from './task-sets.ts';

/** The seeds and ids of tasks [start, end). */
export interface TaskBatch {
  readonly start: number;
  readonly end: number;
  readonly seeds: ArrayLike<Seed | number>;
  /** Their ids, eight 32-bit words each, the highest first. */
  readonly words: Uint32Array;
}

/** A batch, with the ids that have been converted to text. */
interface HeldBatch extends TaskBatch {
  readonly texts: (TaskId | undefined)[];
}

/** Tasks of a batch: a smaller batch costs more per task, a larger one costs more when a single task is read. */
const BATCH = 512;
const RECENT_TASKS = 65_536;

/**
 * Returns the batch of a task. Recent batches are cached, since an id is read several times while its set is processed.
 * @throws RangeError for a task that does not exist
 */
export function createTaskBatches(sets: TaskSets, identity: TaskIdentity): (i: number) => HeldBatch {
  const recent = new Map<number, HeldBatch>();
  let recentTasks = 0;
  let last: HeldBatch | undefined;
  let taskWords: ReturnType<typeof createTaskWords> | undefined;
  return (i) => {
    sets.check(i);
    if (last !== undefined && last.start <= i && i < last.end) return last;
    const start = i - (i % BATCH);
    last = recent.get(start);
    if (last !== undefined) return last;
    const end = Math.min(start + BATCH, sets.count);
    if (recentTasks + end - start > RECENT_TASKS) {
      recent.clear();
      recentTasks = 0;
    }
    taskWords ??= createTaskWords(identity);
    last = makeBatch(start, end, sets, taskWords);
    recent.set(start, last);
    recentTasks += end - start;
    return last;
  };
}

function makeBatch(
  start: number,
  end: number,
  { sets, starts, setOf, paramIdAt, seedOriginOf }: TaskSets,
  taskWords: ReturnType<typeof createTaskWords>,
): HeldBatch {
  const count = end - start;
  const setAt = new Int32Array(count);
  for (let n = 0, set = setOf(start); n < count; n++) {
    while (start + n >= starts[set + 1]!) set++;
    setAt[n] = set;
  }
  const paramIdOf = (n: number) => paramIdAt(setAt[n]!);
  const replicateOf = (n: number) => start + n - starts[setAt[n]!]!;
  const originOf = (n: number) => seedOriginOf(setAt[n]!);
  const derived = setAt.some((set) => sets[set]!.seeds === undefined) ? replicateSeeds({ count, originOf, replicateOf }) : [];
  const isGiven = setAt.some((set) => sets[set]!.seeds !== undefined);
  const seedOf = (n: number): Seed | number => sets[setAt[n]!]!.seeds?.[replicateOf(n)] ?? derived[n]!;
  const seeds = isGiven ? Array.from(setAt, (_, n) => seedOf(n)) : derived;
  const words = taskWords({ count, paramIdOf, seedOf: (n) => seeds[n]! });
  return { start, end, seeds, words, texts: new Array<TaskId | undefined>(count) };
}
