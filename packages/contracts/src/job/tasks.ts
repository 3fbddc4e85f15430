import type { Digest } from '../identity/digest.ts';
import type { ParamId, ParamValues } from '../identity/param-id.ts';
import type { Seed } from '../identity/seed.ts';
import { idOfWords, idsOfWords, type TaskId } from '../identity/task-id.ts';
import type { SimulationStudy } from '../study.ts';
import type { Binding } from './spec.ts';
import { createTaskBatches, type MadeTasks, type TaskBatch } from './task-batches.ts';
import { createTaskSets } from './task-sets.ts';

/** Ids of a batch that are converted to text one by one; once more are read, all are. */
const FEW_IDS = 16;

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
 * The tasks of a job as a pure function of its spec: nothing is stored per task, and every machine computes the same.
 * Tasks follow the distinct parameter sets in order, replicates innermost. Entries with equal values are one set.
 */
export interface JobTasks {
  readonly count: number;
  readonly groupCount: number;
  /** The values of a parameter set; no id is computed. */
  valuesAt(set: number): ParamValues;
  /** The values and id of a parameter set. */
  paramsAt(set: number): { readonly param_id: ParamId; readonly values: ParamValues };
  groupAt(set: number): TaskGroup;
  /** The group that task `i` belongs to. */
  groupOf(i: number): TaskGroup;
  seedAt(i: number): Seed | number;
  idAt(i: number): TaskId;
  /** The batch of task `i`: it and its neighbours, whose ids are computed together. */
  batchOf(i: number): TaskBatch;
  /** Takes seeds and ids from there instead of computing them, where they have been made. */
  use(made: MadeTasks): void;
  taskAt(i: number): SimTask;
  [Symbol.iterator](): IterableIterator<SimTask>;
}

/** The part of a binding that its tasks contain. */
export type TaskBinding = Pick<Binding, 'bundle_ref' | 'entrypoint' | 'code' | 'config'>;

export function createJobTasks(study: SimulationStudy, binding: TaskBinding): JobTasks {
  const groups = createTaskSets(study);
  const { sets, starts, count, setOf } = groups;
  const { batchOf, use } = createTaskBatches(groups, taskIdentityOf(study, binding));
  const valuesAt = (set: number): ParamValues => sets[set]!.values;
  const groupAt = (set: number): TaskGroup => ({ set, start: starts[set]!, end: starts[set + 1]! });
  const seedAt = (i: number): Seed | number => {
    const { start, seeds } = batchOf(i);
    return seeds[i - start]!;
  };

  const tasks: JobTasks = {
    count,
    groupCount: sets.length,
    paramsAt: (set) => ({ param_id: groups.paramIdAt(set), values: valuesAt(set) }),
    valuesAt,
    groupAt,
    groupOf: (i) => groupAt(setOf(i)),
    seedAt,
    idAt(i) {
      const batch = batchOf(i);
      if (batch.texts === undefined && batch.idsRead++ < FEW_IDS) return idOfWords(batch.words, i - batch.start);
      batch.texts ??= idsOfWords(batch.words);
      return batch.texts[i - batch.start]!;
    },
    batchOf,
    use,
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

/** The part of the identity that all tasks of a job share. */
export function taskIdentityOf(study: SimulationStudy, { code, entrypoint, config }: Pick<Binding, 'code' | 'entrypoint' | 'config'>) {
  return { code: code as Digest, entrypoint, scenario: study.scenario, outputs: study.outputs, config };
}
