import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digestOf } from '../identity/digest.ts';
import { type ParamId, type ParamValues, paramIdOf } from '../identity/param-id.ts';
import { commonOrigin, parseSeed, replicateSeed, type SeedOrigin } from '../identity/seed.ts';
import { taskIdOf } from '../identity/task-id.ts';
import { isSeeded } from '../parameter-set-entry.ts';
import { studySchema } from '../study.ts';
import type { Binding } from './spec.ts';
import { createJobTasks, taskIdentityOf } from './tasks.ts';

const binding = { code: digestOf('m'), entrypoint: 'm.M/baseline', config: null } as Binding;
const seed = fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }).map(String));
const entry = fc.oneof(
  fc.record({ x: fc.nat(1e6) }),
  fc.record({ x: fc.nat(3) }),
  fc.record({ params: fc.record({ x: fc.nat(3) }), seed }),
);

/** Each distinct set with the seeds of its tasks, by an independent implementation of the rule. */
function expectedSets(parameterSets: readonly unknown[], originOf: (id: ParamId) => SeedOrigin, replicates: number) {
  const sets = new Map<ParamId, { plain: boolean; given: bigint[] }>();
  for (const entry of parameterSets) {
    const id = paramIdOf(isSeeded(entry) ? entry.params : (entry as ParamValues));
    const set = sets.get(id) ?? { plain: false, given: [] };
    sets.set(id, set);
    if (isSeeded(entry)) set.given.push(parseSeed(entry.seed));
    else set.plain = true;
  }
  return [...sets].map(([paramId, { plain, given }]) => {
    const derived = plain ? Array.from({ length: replicates }, (_, n) => BigInt(replicateSeed(originOf(paramId), n))) : [];
    return { paramId, seeds: [...new Set([...derived, ...given])] };
  });
}

it.each(['per-set', 'common'] as const)('tasks have the ids and %s seeds of their parameters, in any order of access', (seed_scheme) => {
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 700 }),
      fc.infiniteStream(fc.nat()),
      (sets, replicates, requested) => {
        const common = seed_scheme === 'common' ? { seed_scheme, seed: 42 } : {};
        const study = studySchema.parse({ model: 'm.ts:M', parameter_sets: sets, n_replicates: replicates, ...common });
        const tasks = createJobTasks(study, binding);
        const originOf = (id: ParamId) => (seed_scheme === 'common' ? commonOrigin(42n) : id);
        const expected = expectedSets(study.parameter_sets, originOf, replicates).flatMap(({ paramId, seeds }) =>
          seeds.map((seed) => ({ paramId, seed })),
        );
        expect(tasks.count).toBe(expected.length);
        for (const n of requested.take(40)) {
          const at = n % tasks.count;
          expect(BigInt(tasks.seedAt(at))).toBe(expected[at]!.seed);
          expect(tasks.idAt(at)).toBe(taskIdOf(taskIdentityOf(study, binding), expected[at]!.paramId, expected[at]!.seed));
        }
      },
    ),
    { numRuns: 40 },
  );
});

const tasksOf = (parameter_sets: readonly unknown[], more: object = {}) =>
  createJobTasks(studySchema.parse({ model: 'm.ts:M', parameter_sets, n_replicates: 2, ...more }), binding);

it('entries with seeds and the same values are the replicates of one set, and each seed runs once', () => {
  const given = (x: number, seed: number) => ({ params: { x }, seed });
  const tasks = tasksOf([given(1, 5), given(2, 7), given(1, 6), given(1, 5)]);
  expect([0, 1].map(tasks.groupAt)).toMatchObject([
    { start: 0, end: 2 },
    { start: 2, end: 3 },
  ]);
  expect([0, 1, 2].map((i) => BigInt(tasks.seedAt(i)))).toEqual([5n, 6n, 7n]);
});

it('repeated parameter sets are one set, for any order of their names and either sign of zero', () => {
  const tasks = tasksOf([
    { a: 1, b: 0 },
    { a: 0, b: 1 },
    { b: -0, a: 1 },
    { a: 1, b: 0 },
    { a: '1', b: 0 },
  ]);
  expect(Array.from({ length: tasks.groupCount }, (_, set) => tasks.valuesAt(set))).toEqual([
    { a: 1, b: 0 },
    { a: 0, b: 1 },
    { a: '1', b: 0 },
  ]);
  expect(tasks.count).toBe(6);
});

it('replicate r has the same seed in every set of a study with common seeds, and the study seed changes it', () => {
  const seedsOf = (more: object) => {
    const tasks = tasksOf([{ x: 1 }, { x: 2 }], more);
    return [0, 1, 2, 3].map((i) => tasks.seedAt(i));
  };
  const common = seedsOf({ seed_scheme: 'common' });
  expect(common.slice(0, 2)).toEqual(common.slice(2));
  expect(common).toEqual(seedsOf({ seed_scheme: 'common', seed: 0 }));
  expect(seedsOf({ seed_scheme: 'common', seed: 1 })[0]).not.toBe(common[0]);
  expect(new Set(seedsOf({})).size).toBe(4);
});

it('a task that does not exist is refused', () => {
  const tasks = createJobTasks(studySchema.parse({ model: 'm.ts:M', parameter_sets: [{ x: 1 }], n_replicates: 3 }), binding);
  expect(tasks.count).toBe(3);
  expect(tasks.idAt(2)).toHaveLength(64); // a cached batch does not answer for other tasks
  for (const at of [-1, 3, 0.5, Number.NaN]) {
    for (const ask of [tasks.idAt, tasks.seedAt, tasks.batchOf, tasks.groupOf, tasks.taskAt]) expect(() => ask(at)).toThrow(RangeError);
  }
});
