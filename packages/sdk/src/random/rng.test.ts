import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from './rng.ts';

const DRAWS = 100_000;

/** Fixed seeds, and bounds of five standard errors: a correct sampler always passes, a bias of 2 % of a standard deviation fails. */
function expectMoments(
  draw: (rng: Rng) => number,
  { mean, variance, kurtosis }: { mean: number; variance: number; kurtosis: number },
): void {
  const rng = createRng(20_240_229);
  const values = Float64Array.from({ length: DRAWS }, () => draw(rng));
  const seen = values.reduce((sum, x) => sum + x, 0) / DRAWS;
  const spread = values.reduce((sum, x) => sum + (x - seen) ** 2, 0) / DRAWS;
  expect(Math.abs(seen - mean) / Math.sqrt(variance / DRAWS)).toBeLessThan(5);
  expect(Math.abs(spread / variance - 1) / Math.sqrt((kurtosis - 1) / DRAWS)).toBeLessThan(5);
}

/** Pearson's statistic against a probability mass function, over the cells that expect at least 10, as a standard normal. */
function chiSquareZ(draw: (rng: Rng) => number, mass: readonly number[]): number {
  const rng = createRng(7);
  const counts = new Float64Array(mass.length);
  for (let k = 0; k < DRAWS; k++) counts[draw(rng)]! += 1;
  const cells = mass.map((p, k) => [p * DRAWS, counts[k]!] as const).filter(([expected]) => expected >= 10);
  const statistic = cells.reduce((sum, [expected, count]) => sum + (count - expected) ** 2 / expected, 0);
  return (statistic - (cells.length - 1)) / Math.sqrt(2 * (cells.length - 1));
}

function binomialMass(n: number, p: number): number[] {
  const mass = [(1 - p) ** n];
  for (let k = 1; k <= n; k++) mass.push((mass[k - 1]! * (n - k + 1) * p) / (k * (1 - p)));
  return mass;
}

function poissonMass(mean: number, upTo: number): number[] {
  const mass = [Math.exp(-mean)];
  for (let k = 1; k <= upTo; k++) mass.push((mass[k - 1]! * mean) / k);
  return mass;
}

const binomialCases: [number, number][] = [
  [1, 0.3],
  [40, 0.5],
  [50, 0.4],
  [1000, 0.3],
  [1000, 0.999],
  [100_000, 0.00005],
  [100_000, 0.001],
  [100_000, 0.7],
  [1_000_000_000, 0.25],
];

describe('createRng', () => {
  it('yields the same stream for the same seed, as number or bigint', () => {
    const draws = (seed: bigint | number) => {
      const rng = createRng(seed);
      return [rng.uniform(), rng.normal(), rng.binomial(1000, 0.3), rng.poisson(50), rng.gamma(2), rng.exponential(), rng.uniformInt(1, 6)];
    };
    expect(draws(42)).toEqual(draws(42n));
  });

  it('repeats recorded draws: if these change, BEHAVIOUR_VERSION must be increased', () => {
    const rng = createRng(42);
    const draws = [
      rng.uniform(),
      rng.normal(),
      rng.normal(),
      rng.poisson(3),
      rng.poisson(500),
      rng.binomial(10, 0.5),
      rng.binomial(1e5, 0.2),
    ];
    expect([
      ...draws,
      rng.gamma(0.5),
      rng.gamma(3, 2),
      rng.exponential(4),
      rng.uniformInt(1, 1000),
      rng.uniform(5, 6),
    ]).toMatchInlineSnapshot(`
      [
        0.884069414773014,
        -2.1812656175063276,
        -0.7545104931219294,
        3,
        483,
        3,
        19889,
        0.13387838130480503,
        3.7552830798042214,
        0.010184471453967473,
        194,
        5.568000619789248,
      ]
    `);
  });

  it('yields unrelated streams for seeds 2^32 apart and for adjacent seeds', () => {
    const first = (seed: bigint): number => createRng(seed).uniform();
    expect(first(5n)).not.toBe(first(5n + 2n ** 32n));
    const n = 10_000;
    const values = Array.from({ length: n + 1 }, (_, k) => first(BigInt(k)) - 0.5);
    const correlation = values.slice(1).reduce((sum, x, k) => sum + x * values[k]!, 0) / n / (1 / 12);
    expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(n));
  });

  it('does not pass the second normal of a pair from one stream to the next', () => {
    createRng(1).normal();
    const after = createRng(2).normal();
    expect(createRng(2).normal()).toBe(after);
  });

  it('refuses an invalid seed', () => {
    for (const seed of [-1, 1.5, Number.NaN, 2n ** 64n]) expect(() => createRng(seed)).toThrow('invalid seed');
  });

  it('keeps uniform numbers within [min, max)', () => {
    const rng = createRng(3);
    const values = Array.from({ length: 10_000 }, () => rng.uniform(-2, 3));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...values)).toBeLessThan(3);
    expect(Math.max(...Array.from({ length: 1000 }, () => rng.uniform(1, 1 + Number.EPSILON)))).toBe(1);
    expect(rng.uniform(4, 4)).toBe(4);
  });

  it('yields every whole number from min to max equally often', () => {
    expect(Math.abs(chiSquareZ((rng) => rng.uniformInt(0, 6), new Array(7).fill(1 / 7)))).toBeLessThan(5);
    expectMoments((rng) => rng.uniformInt(-1_000_000_000_000, 1_000_000_000_000), { mean: 0, variance: 1e24 / 3, kurtosis: 1.8 });
  });

  it('has the moments of the uniform distribution', () => {
    expectMoments((rng) => rng.uniform(2, 5), { mean: 3.5, variance: 0.75, kurtosis: 1.8 });
  });

  it('has the moments of the normal distribution', () => {
    expectMoments((rng) => rng.normal(10, 3), { mean: 10, variance: 9, kurtosis: 3 });
  });

  it('has the moments of the exponential distribution', () => {
    expectMoments((rng) => rng.exponential(4), { mean: 0.25, variance: 1 / 16, kurtosis: 9 });
  });

  it.each([0.3, 1, 2.5, 80])('has the moments of the gamma distribution of shape %d', (shape) => {
    expectMoments((rng) => rng.gamma(shape, 2), { mean: 2 * shape, variance: 4 * shape, kurtosis: 3 + 6 / shape });
  });

  it.each([0.01, 3, 16, 17, 250, 1e6])('has the moments of the Poisson distribution of mean %d', (mean) => {
    expectMoments((rng) => rng.poisson(mean), { mean, variance: mean, kurtosis: 3 + 1 / mean });
  });

  it.each([2, 30])('has the probabilities of the Poisson distribution of mean %d', (mean) => {
    expect(Math.abs(chiSquareZ((rng) => rng.poisson(mean), poissonMass(mean, 150)))).toBeLessThan(5);
  });

  it.each(binomialCases)('has the moments of the binomial distribution of %d trials at %d', (n, p) => {
    const variance = n * p * (1 - p);
    expectMoments((rng) => rng.binomial(n, p), { mean: n * p, variance, kurtosis: 3 + (1 - 6 * p * (1 - p)) / variance });
  });

  it.each([
    [12, 0.3],
    [40, 0.5],
    [200, 0.15],
    [300, 0.8],
  ])('has the probabilities of the binomial distribution of %d trials at %d', (n, p) => {
    expect(Math.abs(chiSquareZ((rng) => rng.binomial(n, p), binomialMass(n, p)))).toBeLessThan(5);
  });

  it('is exact at the ends of each domain', () => {
    const rng = createRng(1);
    expect([
      rng.binomial(0, 0.5),
      rng.binomial(9, 0),
      rng.binomial(9, 1),
      rng.poisson(0),
      rng.normal(4, 0),
      rng.gamma(0),
      rng.gamma(1, 0),
    ]).toEqual([0, 0, 9, 0, 4, 0, 0]);
  });

  it('refuses arguments outside a domain, naming them', () => {
    const rng = createRng(1);
    expect(() => rng.binomial(-3, 0.2)).toThrow('invalid arguments of rng.binomial: trials -3, probability 0.2');
    expect(() => rng.binomial(2.5, 0.2)).toThrow('trials 2.5');
    expect(() => rng.binomial(3, 1.1)).toThrow('probability 1.1');
    expect(() => rng.binomial(3, Number.NaN)).toThrow('probability NaN');
    expect(() => rng.poisson(Number.POSITIVE_INFINITY)).toThrow('mean Infinity');
    expect(() => rng.normal(0, -1)).toThrow('standardDeviation -1');
    expect(() => rng.gamma(-1)).toThrow('shape -1');
    expect(() => rng.exponential(0)).toThrow('rate 0');
    expect(() => rng.uniform(2, 1)).toThrow('min 2, max 1');
    expect(() => rng.uniformInt(0, 1.5)).toThrow('max 1.5');
  });
});
