import { canonicalJson } from '../identity/canonical-json.ts';
import { type ParamId, type ParamValues, paramIdOf } from '../identity/param-id.ts';
import { parseSeed, type Seed } from '../identity/seed.ts';
import type { SimulationStudy } from '../study.ts';
import { isSeeded } from '../study-entry.ts';

/** A parameter set as its tasks are made of it: with the seeds that the study gives, or with those of its replicates. */
interface TaskSet {
  readonly values: ParamValues;
  readonly seeds: readonly Seed[] | undefined;
}

/** The parameter sets of a study in their order, and which tasks are whose. */
export interface TaskSets {
  readonly sets: readonly TaskSet[];
  /** The first task of each set, and behind the last set how many tasks there are. */
  readonly starts: Float64Array;
  readonly count: number;
  /** Computed once for each set. */
  paramIdAt(set: number): ParamId;
  /** The set that task `i` belongs to. @throws RangeError as `check` does */
  setOf(i: number): number;
  /** @throws RangeError for a task that is not there */
  check(i: number): void;
}

export function createTaskSets(study: SimulationStudy): TaskSets {
  const sets = groupSets(study);
  const starts = groupStarts(sets, study.n_replicates);
  const count = starts[sets.length]!;
  const paramIds: (ParamId | undefined)[] = new Array(sets.length);
  const check = (i: number): void => {
    if (!Number.isInteger(i) || i < 0 || i >= count) throw new RangeError(`task ${i} of ${count}`);
  };
  return {
    sets,
    starts,
    count,
    check,
    paramIdAt(set) {
      paramIds[set] ??= paramIdOf(sets[set]!.values);
      return paramIds[set];
    },
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
