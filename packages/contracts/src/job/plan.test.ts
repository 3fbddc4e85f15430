import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlannedGroup, planAttempt } from './plan.ts';

const groups = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 200 })
  .map((sizes) => {
    let start = 0;
    return sizes.map(([size, gap]): PlannedGroup => {
      const group = { start, end: start + size, missing: gap >= size ? [] : [[start + gap, start + size] as const] };
      start = group.end;
      return group;
    });
  });

describe('planAttempt', () => {
  it('visits every missing task once, in order, and every set that only lacks its aggregation', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 1, max: 16 }), (sets, width) => {
        const plan = planAttempt(1, sets, { workers: width, slots: 1 });
        const visited = plan.chunks.flat().flatMap(([start, end]) => Array.from({ length: end - start }, (_, k) => start + k));
        expect(visited).toEqual([...new Set(visited)].sort((a, b) => a - b));
        const seen = new Set(visited);
        for (const { start, missing } of sets) {
          if (missing.length === 0) expect(seen.has(start)).toBe(true);
          for (const [from, to] of missing) for (let i = from; i < to; i++) expect(seen.has(i)).toBe(true);
        }
        expect(plan.tasks).toBe(sets.reduce((n, { missing }) => n + missing.reduce((m, [from, to]) => m + to - from, 0), 0));
        expect(plan.width).toBeGreaterThanOrEqual(1);
        expect(plan.width).toBeLessThanOrEqual(Math.max(1, plan.chunks.length));
      }),
    );
  });
  it('keeps parameter sets whole if there are at least four per worker, in about 32 chunks per worker', () => {
    const sets = Array.from({ length: 256 }, (_, s) => ({
      start: s * 500,
      end: (s + 1) * 500,
      missing: [[s * 500, (s + 1) * 500]] as const,
    }));
    const { chunks } = planAttempt(1, sets, { workers: 2, slots: 1 });
    expect(chunks).toHaveLength(64);
    for (const chunk of chunks) for (const [start, end] of chunk) expect([start % 500, end % 500]).toEqual([0, 0]);
  });
  it('splits sets if there are fewer', () => {
    const { chunks } = planAttempt(1, [{ start: 0, end: 1000, missing: [[0, 1000]] }], { workers: 4, slots: 1 });
    expect(chunks.length).toBeGreaterThan(100);
  });
});

describe('an attempt with several slots per worker', () => {
  const sets = Array.from({ length: 64 }, (_, k) => ({
    start: k * 10,
    end: k * 10 + 10,
    missing: [[k * 10, k * 10 + 10]] as [number, number][],
  }));

  it('has the chunks of as many single slots, and no more workers than they can occupy', () => {
    const wide = planAttempt(1, sets, { workers: 4, slots: 2 });
    expect(wide).toMatchObject({ width: 4, slots: 2, chunks: planAttempt(1, sets, { workers: 8, slots: 1 }).chunks });
    expect(planAttempt(1, sets.slice(0, 1), { workers: 8, slots: 4 })).toMatchObject({ width: 3, slots: 4, chunks: { length: 10 } });
    expect(planAttempt(1, [], { workers: 8, slots: 4 })).toMatchObject({ width: 1, chunks: [] });
  });
});
