import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digestOf } from '../identity/digest.ts';
import { paramIdOf } from '../identity/param-id.ts';
import { parseSeed, replicateSeed } from '../identity/seed.ts';
import { taskIdOf } from '../identity/task-id.ts';
import { studySchema } from '../study.ts';
import { isSeeded } from '../study-entry.ts';
import type { Binding } from './spec.ts';
import { createJobTasks, taskIdentityOf } from './tasks.ts';

const binding = { code: digestOf('m'), entrypoint: 'm.M/baseline', config: null } as Binding;
const seed = fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }).map(String));
const entry = fc.oneof(fc.record({ x: fc.nat(1e6) }), fc.record({ params: fc.record({ x: fc.nat(3) }), seed }));

it('the tasks of a job have the ids and seeds of their parameters, in whatever order they are asked for', () => {
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 700 }),
      fc.infiniteStream(fc.nat()),
      (sets, replicates, asked) => {
        const study = studySchema.parse({ model: 'm.ts:M', parameter_sets: sets, n_replicates: replicates });
        const tasks = createJobTasks(study, binding);
        const expected = study.parameter_sets.flatMap((set) =>
          isSeeded(set)
            ? [{ paramId: paramIdOf(set.params), seed: parseSeed(set.seed) }]
            : Array.from({ length: replicates }, (_, n) => {
                const paramId = paramIdOf(set as never);
                return { paramId, seed: BigInt(replicateSeed(paramId, n)) };
              }),
        );
        expect(tasks.count).toBe(expected.length);
        for (const n of asked.take(40)) {
          const at = n % tasks.count;
          expect(BigInt(tasks.seedAt(at))).toBe(expected[at]!.seed);
          expect(tasks.idAt(at)).toBe(taskIdOf(taskIdentityOf(study, binding), expected[at]!.paramId, expected[at]!.seed));
        }
      },
    ),
    { numRuns: 40 },
  );
});

it('entries with seeds and the same values are replicates of one set while they follow one another and no seed comes again', () => {
  const given = (x: number, seed: number) => ({ params: { x }, seed });
  const parameter_sets = [given(1, 5), given(1, 6), given(1, 5), { x: 1 }, given(1, 7), given(2, 7)];
  const tasks = createJobTasks(studySchema.parse({ model: 'm.ts:M', parameter_sets, n_replicates: 2 }), binding);
  const groups = Array.from({ length: tasks.groupCount }, (_, set) => tasks.givenSeeds(set) ?? tasks.groupAt(set));
  expect(groups).toEqual([[5n, 6n], [5n], { set: 2, start: 3, end: 5 }, [7n], [7n]]);
});

it('a task that a job does not have is refused', () => {
  const tasks = createJobTasks(studySchema.parse({ model: 'm.ts:M', parameter_sets: [{ x: 1 }], n_replicates: 3 }), binding);
  expect(tasks.count).toBe(3);
  expect(tasks.idAt(2)).toHaveLength(64); // what stands by does not answer for others
  for (const at of [-1, 3, 0.5, Number.NaN]) {
    for (const ask of [tasks.idAt, tasks.seedAt, tasks.batchOf, tasks.groupOf, tasks.taskAt]) expect(() => ask(at)).toThrow(RangeError);
  }
});
