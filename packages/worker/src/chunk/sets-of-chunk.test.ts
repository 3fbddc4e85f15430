import { planAttempt } from '@modelops/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeJob, upTo } from '../testing/made-jobs.ts';
import { setsSharedIn, setsWholeIn } from './sets-of-chunk.ts';

describe('the sets of a chunk', () => {
  it('are whole or shared, and every chunk of a shared set names the same chunks', () => {
    const made = fc.record({
      sets: fc.integer({ min: 1, max: 12 }),
      replicates: fc.integer({ min: 1, max: 40 }),
      width: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(made, ({ sets, replicates, width }) => {
        const job = makeJob({ sets, replicates });
        const groups = upTo(sets).map((set) => ({
          ...job.tasks.groupAt(set),
          missing: [[set * replicates, (set + 1) * replicates] as const],
        }));
        const plan = planAttempt(1, groups, { workers: width, slots: 1 });
        const holders = upTo(sets).map((set) => {
          const isPart = (task: number) => job.tasks.groupOf(task).set === set;
          return upTo(plan.chunks.length).filter((chunk) =>
            plan.chunks[chunk]!.some(([start, end]) => upTo(end - start).some((at) => isPart(start + at))),
          );
        });
        for (const chunk of upTo(plan.chunks.length)) {
          expect(setsWholeIn(job, plan, chunk)).toEqual(upTo(sets).filter((set) => `${holders[set]}` === `${chunk}`));
          for (const { set, first, last } of setsSharedIn(job, plan, chunk)) {
            expect(holders[set]).toContain(chunk);
            expect(holders[set]).toEqual(upTo(last - first + 1).map((at) => first + at));
          }
          const shared = upTo(sets).filter((set) => holders[set]!.length > 1 && holders[set]!.includes(chunk));
          expect(
            setsSharedIn(job, plan, chunk)
              .map(({ set }) => set)
              .sort((a, b) => a - b),
          ).toEqual(shared);
        }
      }),
      { numRuns: 60 },
    );
  });
});
