import { describe, expect, it } from 'vitest';
import type { Loss } from './loss.ts';
import { pairLosses, tQuantile975 } from './pair-losses.ts';

const losses = (byTarget: Readonly<Record<string, readonly (number | null)[]>>, shift = 0): Loss[] =>
  Object.entries(byTarget).flatMap(([target, values]) =>
    values.map((loss, at) => ({ target, param_id: `set ${at + shift}`, params: {}, loss }) as unknown as Loss),
  );

describe('paired losses', () => {
  it('are computed over the sets with a loss in both jobs, with the interval of a paired t test', () => {
    const [fit, other] = pairLosses(losses({ fit: [1, 2, 3, 4, null], other: [1] }), losses({ fit: [0, 2.5, 2, 3, 9, 9] }));
    expect(fit).toMatchObject({
      target: 'fit',
      pairs: 4,
      only_a: 0,
      only_b: 2,
      mean_a: 2.5,
      mean_b: 1.875,
      lower: 3,
      higher: 1,
      best_a: 1,
      best_b: 0,
    });
    expect(fit!.mean_difference).toBe(-0.625);
    // scipy.stats.ttest_rel([0, 2.5, 2, 3], [1, 2, 3, 4]).confidence_interval()
    expect(fit!.interval![0]).toBeCloseTo(-1.8184, 3);
    expect(fit!.interval![1]).toBeCloseTo(0.5684, 3);
    expect(other).toMatchObject({ target: 'other', pairs: 0, only_a: 1, mean_difference: null, interval: null, best_b: null });
  });

  it('have no interval for one pair, and an interval of width 0 if all differences are equal', () => {
    expect(pairLosses(losses({ fit: [1] }), losses({ fit: [2] }))[0]).toMatchObject({ mean_difference: 1, interval: null });
    expect(pairLosses(losses({ fit: [1, 2] }), losses({ fit: [1, 2] }))[0]!.interval).toEqual([0, 0]);
  });
});

it('quantiles of t agree with scipy.stats.t.ppf(0.975, n)', () => {
  const expected = { 1: 12.7062, 14: 2.14479, 15: 2.13145, 20: 2.08596, 30: 2.04227, 100: 1.98397, 100000: 1.95999 };
  for (const [degrees, quantile] of Object.entries(expected)) expect(tQuantile975(Number(degrees))).toBeCloseTo(quantile, 4);
});
