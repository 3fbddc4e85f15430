import { readFileSync } from 'node:fs';
import type { Prior, Problem } from '@modelops/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrior, priorText, truncatedQuantile } from './distributions/prior.ts';
import { exp, ln, logistic, logit } from './exp-ln.ts';
import { scalingOf } from './scaling.ts';

interface Vector {
  readonly prior: Exclude<Prior, { distribution: 'uniform' }>;
  readonly quantiles: readonly number[];
  readonly truncated: {
    readonly min: number;
    readonly max: number;
    readonly quantiles: readonly { readonly p: number; readonly value: number }[];
  };
}
const golden = JSON.parse(readFileSync(new URL('../../golden/designs.json', import.meta.url), 'utf8')) as {
  readonly priors: readonly Vector[];
  readonly probabilities: readonly number[];
};

describe('priors', () => {
  it.each(golden.priors)('have the quantiles of SciPy: $prior', ({ prior, quantiles }) => {
    const whole = prior.distribution === 'beta' ? [0, 1] : prior.distribution === 'normal' ? [-1e9, 1e9] : [0, 1e9];
    const at = truncatedQuantile(prior, whole[0]!, whole[1]!);
    for (const [k, p] of golden.probabilities.entries()) expect(at(p) / quantiles[k]! - 1).toBeCloseTo(0, 9);
  });

  it.each(golden.priors)(
    'have the quantiles of OpenTURNS where they are truncated: $prior',
    ({ prior, truncated: { min, max, quantiles } }) => {
      const at = truncatedQuantile(prior, min, max);
      for (const { p, value } of quantiles) expect(at(p) / value - 1).toBeCloseTo(0, 6);
      expect([at(0), at(1)]).toEqual([min, max]);
    },
  );

  it('rise with the share and stay within the bounds, in either tail', () => {
    const normal = { distribution: 'normal', mean: 0, sd: 1 } as const;
    fc.assert(
      fc.property(
        fc.double({ min: -6, max: 5, noNaN: true }),
        fc.double({ min: 0.01, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (min, width, u) => {
          const at = truncatedQuantile(normal, min, min + width);
          expect(at(u)).toBeGreaterThanOrEqual(min);
          expect(at(u + 0.01)).toBeLessThanOrEqual(min + width);
          expect(at(u + 0.01)).toBeGreaterThan(at(u));
        },
      ),
    );
  });

  it('of ints give each number its probability', () => {
    const scale = scalingOf({
      name: 'n',
      kind: 'int',
      min: 0,
      max: 10,
      scale: 'linear',
      prior: { distribution: 'normal', mean: 5, sd: 2 },
    });
    const values = Array.from(scale(Float64Array.from({ length: 2000 }, (_, k) => (k + 0.5) / 2000)) as ArrayLike<number>);
    const share = (n: number) => values.filter((value) => value === n).length / 2000;
    expect(values.every((value) => Number.isInteger(value) && value >= 0 && value <= 10)).toBe(true);
    expect(share(5)).toBeCloseTo(0.1986, 2);
    expect(share(3)).toBeCloseTo(share(7), 2);
  });

  it('are read from text and written as it, or refused with the form that is expected', () => {
    const problems: Problem[] = [];
    for (const text of ['normal(0.3, 0.1)', 'lognormal(-1, 0.5)', 'beta(2, 5)', 'gamma(3, 0.5)', 'uniform']) {
      expect(priorText(parsePrior(text, '--prior x', problems)!)).toBe(text);
    }
    expect(problems).toEqual([]);
    for (const text of ['normal(0.3)', 'normal(0.3,0)', 'normal(a,1)', 'cauchy(0,1)', 'normal', ''])
      parsePrior(text, '--prior x', problems);
    expect(problems).toHaveLength(6);
    expect(problems[1]!.message).toBe('invalid prior "normal(0.3,0)": expected normal(mean,sd) with sd above 0');
  });
});

describe('exp and ln', () => {
  it('are those of the engine to one unit in the last place, everywhere', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -745, max: 710, noNaN: true }),
        fc.double({ min: 5e-324, noNaN: true, noDefaultInfinity: true }),
        (x, y) => {
          const near = (a: number, b: number) => a === b || Math.abs(a - b) <= 2 ** -52 * Math.abs(b);
          expect(near(exp(x), Math.exp(x))).toBe(true);
          expect(near(ln(y), Math.log(y))).toBe(true);
        },
      ),
      { numRuns: 5000 },
    );
    expect([exp(0), exp(-800), exp(800), ln(0), ln(1)]).toEqual([1, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]);
  });

  it('give the recorded bits', () => {
    expect([exp(1), exp(-0.3), exp(12.34), ln(2), ln(0.7), ln(1234.5)]).toMatchInlineSnapshot(`
      [
        2.7182818284590455,
        0.7408182206817179,
        228661.9520568098,
        0.6931471805599453,
        -0.35667494393873245,
        7.118421308785234,
      ]
    `);
  });

  it('make logit and its inverse', () => {
    for (const p of [1e-12, 0.2, 0.5, 0.97]) expect(logistic(logit(p)) / p).toBeCloseTo(1, 12);
  });
});

describe('the rounding of ints', () => {
  it('half-even takes the nearest whole number, of two the even one', () => {
    const scale = scalingOf({ name: 'n', kind: 'int', min: 0, max: 4, scale: 'linear', rounding: 'half-even' });
    expect(Array.from(scale(Float64Array.of(0, 0.12, 0.125, 0.2, 0.375, 0.625, 0.9, 0.99)))).toEqual([0, 0, 0, 1, 2, 2, 4, 4]);
  });
});
