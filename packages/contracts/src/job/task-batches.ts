import { replicateSeeds, type Seed } from '../identity/seed.ts';
import { createTaskWords, TASK_WORDS, type TaskId, type TaskIdentity } from '../identity/task-id.ts';
import type { TaskSets } from './task-sets.ts';

/** The seeds and ids of tasks [start, end). */
export interface TaskBatch {
  readonly start: number;
  readonly end: number;
  readonly seeds: ArrayLike<Seed | number>;
  /** Their ids, eight 32-bit words each, the highest first. */
  readonly words: Uint32Array;
}

/** Seeds and ids that have been made elsewhere: of the first tasks of a job by another thread, and of the last ones. */
export interface MadeTasks {
  /** The number of first tasks made so far. */
  readonly count: () => number;
  /** All tasks from this one on are made. */
  readonly from: () => number;
  /** The seed of each task; 0 for a task with a given seed. */
  readonly seeds: Uint32Array;
  /** Eight words for each task. */
  readonly words: Uint32Array;
}

/** A batch, with its ids as text once several of them have been read. */
interface HeldBatch extends TaskBatch {
  idsRead: number;
  texts?: readonly TaskId[];
}

/** Tasks of a batch: a smaller batch costs more per task, a larger one costs more when a single task is read. */
const BATCH = 512;
/** Tasks whose batches are cached. */
const RECENT_TASKS = 262_144;

export interface TaskBatches {
  /** @throws RangeError for a task that does not exist */
  batchOf(i: number): HeldBatch;
  /** From now on takes seeds and ids from there, where they have been made. */
  use(made: MadeTasks): void;
}

/** The batches of tasks. Recent batches are cached, since an id is read several times while its set is processed. */
export function createTaskBatches(sets: TaskSets, identity: TaskIdentity): TaskBatches {
  const recent = new Map<number, HeldBatch>();
  let recentTasks = 0;
  let last: HeldBatch | undefined;
  let taskWords: ReturnType<typeof createTaskWords> | undefined;
  let made: MadeTasks | undefined;
  const batchOf = (i: number) => {
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
    last = makeBatch(start, end, sets, taskWords, made);
    recent.set(start, last);
    recentTasks += end - start;
    return last;
  };
  return {
    batchOf,
    use(by) {
      made = by;
    },
  };
}

function makeBatch(
  start: number,
  end: number,
  { sets, starts, setOf, paramIdAt, seedOriginOf }: TaskSets,
  taskWords: ReturnType<typeof createTaskWords>,
  made: MadeTasks | undefined,
): HeldBatch {
  const count = end - start;
  const setAt = new Int32Array(count);
  let [isGiven, isDerived] = [false, false];
  for (let n = 0, set = setOf(start); n < count; set++) {
    const last = Math.min(count, starts[set + 1]! - start);
    if (last === n) continue; // a set without replicates
    setAt.fill(set, n, last);
    if (sets[set]!.seeds === undefined) isDerived = true;
    else isGiven = true;
    n = last;
  }
  const paramIdOf = (n: number) => paramIdAt(setAt[n]!);
  const replicateOf = (n: number) => start + n - starts[setAt[n]!]!;
  const originOf = (n: number) => seedOriginOf(setAt[n]!);
  const ready = made !== undefined && (end <= made.count() || start >= made.from()) ? made : undefined;
  const derive = () => ready?.seeds.subarray(start, end) ?? replicateSeeds({ count, originOf, replicateOf });
  const derived = isDerived ? derive() : [];
  const seedOf = (n: number): Seed | number => sets[setAt[n]!]!.seeds?.[replicateOf(n)] ?? derived[n]!;
  const seeds = isGiven ? Array.from(setAt, (_, n) => seedOf(n)) : derived;
  const words = ready?.words.subarray(start * TASK_WORDS, end * TASK_WORDS) ?? taskWords({ count, paramIdOf, seedOf: (n) => seeds[n]! });
  return { start, end, seeds, words, idsRead: 0 };
}
