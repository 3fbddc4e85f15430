import { type ParamId, paramIdsOf } from '../identity/param-id.ts';
import type { SeedOrigin } from '../identity/seed.ts';
import type { SimulationStudy } from '../study.ts';
import { distinctSets, seedOriginOf, type TaskSet } from './distinct-sets.ts';

/** The distinct parameter sets of a study in their order, and which tasks belong to each. */
export interface TaskSets {
  readonly sets: readonly TaskSet[];
  /** The first task of each set; the last entry is the number of tasks. */
  readonly starts: Float64Array;
  readonly count: number;
  /** Computed once for each set. */
  paramIdAt(set: number): ParamId;
  /** The origin of the seeds of the replicates of a set. */
  seedOriginOf(set: number): SeedOrigin;
  /** The set that task `i` belongs to. @throws RangeError as `check` does */
  setOf(i: number): number;
  /** @throws RangeError for a task that does not exist */
  check(i: number): void;
}

/** Parameter ids computed together. */
const ID_BATCH = 512;

export function createTaskSets(study: SimulationStudy): TaskSets {
  const sets = distinctSets(study);
  const commonOrigin = seedOriginOf(study);
  const starts = groupStarts(sets, study.n_replicates);
  const count = starts[sets.length]!;
  const paramIds: (ParamId | undefined)[] = new Array(sets.length);
  const paramIdAt = (set: number): ParamId => {
    if (paramIds[set] === undefined) {
      const first = set - (set % ID_BATCH);
      const ids = paramIdsOf(sets.slice(first, first + ID_BATCH).map(({ values }) => values));
      for (const [n, id] of ids.entries()) paramIds[first + n] = id;
    }
    return paramIds[set]!;
  };
  const check = (i: number): void => {
    if (!Number.isInteger(i) || i < 0 || i >= count) throw new RangeError(`task ${i} of ${count}`);
  };
  return {
    sets,
    starts,
    count,
    check,
    paramIdAt,
    seedOriginOf: (set) => commonOrigin ?? paramIdAt(set),
    setOf(i) {
      check(i);
      let low = 0;
      let high = sets.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >>> 1;
        if (starts[middle]! <= i) low = middle;
        else high = middle - 1;
      }
      return low;
    },
  };
}

function groupStarts(sets: readonly TaskSet[], replicates: number): Float64Array {
  const starts = new Float64Array(sets.length + 1);
  sets.forEach(({ seeds }, set) => {
    starts[set + 1] = starts[set]! + (seeds?.length ?? replicates);
  });
  return starts;
}
