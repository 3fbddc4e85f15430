import { createRng } from '@modelops/sdk';
import { describe, expect, it } from 'vitest';
import { describeRegion, failureRegion, type OutcomesAt } from './failure-region.ts';

/** Points spread over beta in [0, 2] and gamma in [0, 1], with a mode, that fail according to `fails`. */
function points(count: number, fails: (beta: number, gamma: number, mode: string) => boolean): OutcomesAt[] {
  const rng = createRng(1);
  return Array.from({ length: count }, (_, at) => {
    const [beta, gamma, mode] = [rng.uniform(0, 2), rng.uniform(0, 1), ['a', 'b', 'c'][at % 3]!];
    const failed = fails(beta, gamma, mode) ? 2 : 0;
    return { values: { beta, gamma, mode }, failed, succeeded: 2 - failed };
  });
}

describe('the region where tasks fail', () => {
  it('is a threshold of one parameter', () => {
    const region = failureRegion(points(400, (beta) => beta > 1.2))!;
    expect(describeRegion(region)).toBe('beta > 1.2');
    expect(region).toMatchObject({ purity: 1, coverage: 1, succeeded: 0 });
  });

  it('is a range of one parameter, or ranges of two', () => {
    const range = failureRegion(points(400, (beta) => beta > 0.5 && beta <= 1))!;
    expect(range.conditions).toHaveLength(1);
    expect(describeRegion(range)).toMatch(/^0\.5 < beta ≤ (1|0\.99|1\.0\d*)$/);
    const two = failureRegion(points(400, (beta, gamma) => beta > 1.2 && gamma <= 0.3))!;
    expect(two.conditions.map(({ parameter }) => parameter).sort()).toEqual(['beta', 'gamma']);
    expect(two).toMatchObject({ purity: 1, coverage: 1 });
  });

  it('is a value of a parameter that is not a number', () => {
    expect(describeRegion(failureRegion(points(90, (_beta, _gamma, mode) => mode === 'b'))!)).toBe('mode = b');
    expect(describeRegion(failureRegion(points(90, (_beta, _gamma, mode) => mode !== 'b'))!)).toBe('mode ≠ b');
  });

  it('reports its purity and coverage if failures are not separable', () => {
    const rng = createRng(2);
    const region = failureRegion(points(1000, (beta) => (beta > 1 ? rng.uniform() < 0.8 : rng.uniform() < 0.05)))!;
    expect(region.purity).toBeGreaterThan(0.6);
    expect(region.coverage).toBeGreaterThan(0.8);
    expect(region.failed + region.succeeded).toBeLessThan(1200);
  });

  it('is undefined if everything or nothing failed, or if failures do not depend on parameters', () => {
    expect(failureRegion(points(50, () => true))).toBeUndefined();
    expect(failureRegion(points(50, () => false))).toBeUndefined();
    expect(failureRegion([])).toBeUndefined();
    const even = points(200, () => false).map((one) => ({ ...one, failed: 1, succeeded: 9 }));
    expect(failureRegion(even)).toBeUndefined();
  });

  it('counts all tasks of a job that is searched by a sample', () => {
    const region = failureRegion(points(50_000, (beta) => beta > 1.2))!;
    expect(region.failed).toBeGreaterThan(2 * 18_000);
    expect(region.purity).toBeGreaterThan(0.999);
  });
});
