import { canonicalJson } from '../identity/canonical-json.ts';
import type { Digest } from '../identity/digest.ts';
import { type ParamId, type ParamValues, paramIdOf } from '../identity/param-id.ts';
import { parseSeed, replicateSeeds, type Seed } from '../identity/seed.ts';
import { createTaskWords, idOfWords, type TaskId } from '../identity/task-id.ts';
import type { SimulationStudy } from '../study.ts';
import { isSeeded } from '../study-entry.ts';
import type { Binding } from './spec.ts';

/** One simulation to run. */
export interface SimTask {
  readonly bundle_ref: string;
  readonly entrypoint: string;
  readonly params: { readonly param_id: ParamId; readonly values: ParamValues };
  readonly seed: Seed;
  readonly outputs?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The tasks of one parameter set: a contiguous range, [start, end). */
export interface TaskGroup {
  readonly set: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The tasks of a job as a pure function of its spec: nothing is held per task, and every machine computes the same.
 * Task i belongs to the parameter sets in order, replicates innermost. Entries `{params, seed}` with the same values, one after another, are
 * the replicates of one set; other sets that are written twice are two groups with the same ids.
 */
export interface JobTasks {
  readonly count: number;
  readonly groupCount: number;
  /** The values of parameter set `set`; no id is computed. */
  valuesAt(set: number): ParamValues;
  /** The values and id of parameter set `set`. */
  paramsAt(set: number): { readonly param_id: ParamId; readonly values: ParamValues };
  /** The seeds that the study gives for a parameter set; undefined where they are those of its replicates. */
  givenSeeds(set: number): readonly Seed[] | undefined;
  groupAt(set: number): TaskGroup;
  /** The group that task `i` belongs to. */
  groupOf(i: number): TaskGroup;
  seedAt(i: number): Seed | number;
  idAt(i: number): TaskId;
  /** Task `i` and its neighbours, whose ids are made together. */
  batchOf(i: number): TaskBatch;
  taskAt(i: number): SimTask;
  [Symbol.iterator](): IterableIterator<SimTask>;
}

/** What tasks [start, end) are known by. */
export interface TaskBatch {
  readonly start: number;
  readonly end: number;
  readonly seeds: ArrayLike<Seed | number>;
  /** Their ids as eight 32-bit words each, the highest first. */
  readonly words: Uint32Array;
}

/** Tasks a batch: fewer cost more each, more cost more where one is asked for. */
const BATCH = 512;
const RECENT_TASKS = 65_536;

export function createJobTasks(study: SimulationStudy, binding: Binding): JobTasks {
  const sets = groupSets(study);
  const starts = groupStarts(sets, study.n_replicates);
  const count = starts[sets.length]!;
  const paramIds: (ParamId | undefined)[] = new Array(sets.length);

  const valuesAt = (set: number): ParamValues => sets[set]!.values;
  const paramId = (set: number): ParamId => {
    paramIds[set] ??= paramIdOf(valuesAt(set));
    return paramIds[set];
  };
  const setOf = (i: number): number => {
    if (!Number.isInteger(i) || i < 0 || i >= count) throw new RangeError(`task ${i} of ${count}`);
    let low = 0;
    let high = sets.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle]! <= i) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  let taskWords: ReturnType<typeof createTaskWords> | undefined;
  const batchAt = (start: number, end: number) => {
    const size = end - start;
    const setAt = new Int32Array(size);
    for (let n = 0, set = setOf(start); n < size; n++) {
      while (start + n >= starts[set + 1]!) set++;
      setAt[n] = set;
    }
    const ids = Array.from(setAt, paramId);
    const paramIdOf = (n: number) => ids[n]!;
    const replicateOf = (n: number) => start + n - starts[setAt[n]!]!;
    const derived = setAt.some((set) => sets[set]!.seeds === undefined) ? replicateSeeds({ count: size, paramIdOf, replicateOf }) : [];
    const isGiven = setAt.some((set) => sets[set]!.seeds !== undefined);
    const seedOf = (n: number): Seed | number => sets[setAt[n]!]!.seeds?.[replicateOf(n)] ?? derived[n]!;
    const seeds = isGiven ? Array.from(setAt, (_, n) => seedOf(n)) : derived;
    taskWords ??= createTaskWords(taskIdentityOf(study, binding));
    const words = taskWords({ count: size, paramIdOf, seedOf: (n) => seeds[n]! });
    return { start, end, seeds, words, texts: new Array<TaskId | undefined>(size) };
  };
  // A task's id is asked for several times while its set is worked on; the batches last made are kept.
  const recent = new Map<number, ReturnType<typeof batchAt>>();
  let recentTasks = 0;
  let last: ReturnType<typeof batchAt> | undefined;
  const batchOf = (i: number) => {
    if (last !== undefined && last.start <= i && i < last.end) return last;
    if (!Number.isInteger(i) || i < 0 || i >= count) throw new RangeError(`task ${i} of ${count}`);
    const start = i - (i % BATCH);
    last = recent.get(start);
    if (last !== undefined) return last;
    const end = Math.min(start + BATCH, count);
    if (recentTasks + end - start > RECENT_TASKS) {
      recent.clear();
      recentTasks = 0;
    }
    last = batchAt(start, end);
    recent.set(start, last);
    recentTasks += end - start;
    return last;
  };
  const seedAt = (i: number): Seed | number => {
    const { start, seeds } = batchOf(i);
    return seeds[i - start]!;
  };
  const groupAt = (set: number): TaskGroup => ({ set, start: starts[set]!, end: starts[set + 1]! });

  const tasks: JobTasks = {
    count,
    groupCount: sets.length,
    paramsAt: (set) => ({ param_id: paramId(set), values: valuesAt(set) }),
    valuesAt,
    givenSeeds: (set) => sets[set]!.seeds,
    groupAt,
    groupOf: (i) => groupAt(setOf(i)),
    seedAt,
    idAt(i) {
      const { start, words, texts } = batchOf(i);
      texts[i - start] ??= idOfWords(words, i - start);
      return texts[i - start]!;
    },
    batchOf,
    taskAt(i) {
      const set = setOf(i);
      return {
        bundle_ref: binding.bundle_ref,
        entrypoint: binding.entrypoint,
        params: tasks.paramsAt(set),
        seed: BigInt(seedAt(i)),
        ...(study.outputs === null ? {} : { outputs: study.outputs }),
        ...(binding.config === null ? {} : { config: binding.config }),
      };
    },
    *[Symbol.iterator]() {
      for (let i = 0; i < count; i++) yield tasks.taskAt(i);
    },
  };
  return tasks;
}

/** How many tasks a study has, without its binding. */
export function taskCountOf(study: SimulationStudy): number {
  return study.parameter_sets.reduce((sum, entry) => sum + (isSeeded(entry) ? 1 : study.n_replicates), 0);
}

/** What is the same in the identity of every task of a job. */
export function taskIdentityOf(study: SimulationStudy, { code, entrypoint, config }: Pick<Binding, 'code' | 'entrypoint' | 'config'>) {
  return { code: code as Digest, entrypoint, scenario: study.scenario, outputs: study.outputs, config };
}

/** A parameter set as its tasks are made of it: with the seeds that the study gives, or with those of its replicates. */
interface TaskSet {
  readonly values: ParamValues;
  readonly seeds: Seed[] | undefined;
}

/** Entries with explicit seeds and the same values, one after another, are the replicates of one set. */
function groupSets(study: SimulationStudy): readonly TaskSet[] {
  const sets: TaskSet[] = [];
  let seeded: { readonly text: string; readonly seeds: Seed[]; readonly known: Set<Seed> } | undefined;
  for (const entry of study.parameter_sets) {
    if (!isSeeded(entry)) {
      seeded = undefined;
      sets.push({ values: entry as ParamValues, seeds: undefined });
      continue;
    }
    const [text, seed] = [canonicalJson(entry.params), parseSeed(entry.seed)];
    if (seeded?.text !== text || seeded.known.has(seed)) {
      seeded = { text, seeds: [], known: new Set() };
      sets.push({ values: entry.params, seeds: seeded.seeds });
    }
    seeded.seeds.push(seed);
    seeded.known.add(seed);
  }
  return sets;
}

function groupStarts(sets: readonly TaskSet[], replicates: number): Float64Array {
  const starts = new Float64Array(sets.length + 1);
  sets.forEach(({ seeds }, set) => {
    starts[set + 1] = starts[set]! + (seeds?.length ?? replicates);
  });
  return starts;
}
