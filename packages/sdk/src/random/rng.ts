import { ModelOpsError, parseSeed } from '@modelops/contracts';
import { randomBinomial, randomExponential, randomGamma, randomNormal, randomPoisson } from 'd3-random';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { createGenerator } from './generator.ts';

/** A stream of random numbers, the same for the same seed. Arguments outside a distribution's domain throw VALUE_INVALID. */
export interface Rng {
  /** A number in [min, max), with 53 random bits. */
  uniform(min?: number, max?: number): number;
  /** A whole number from `min` to `max`, inclusive, without modulo bias. */
  uniformInt(min: number, max: number): number;
  normal(mean?: number, standardDeviation?: number): number;
  /** A number of events with the expected value `mean`. */
  poisson(mean: number): number;
  /** The number of successes in `trials` (a whole number) with the given probability. The time does not depend on `trials`. */
  binomial(trials: number, probability: number): number;
  /** Mean `shape * scale`. */
  gamma(shape: number, scale?: number): number;
  /** Mean `1 / rate`. */
  exponential(rate?: number): number;
}

const TWO_POW_26 = 2 ** 26;
const TWO_POW_MINUS_53 = 2 ** -53;

/**
 * A random stream from a seed 0 … 2^64−1; seeds that differ in any bit yield unrelated streams.
 * The distributions are d3-random's (exact samplers, no normal approximations).
 * @throws IDENTITY_INVALID for an invalid seed
 */
export function createRng(seed: bigint | number): Rng {
  const generator = createGenerator(parseSeed(seed));
  const unit = (): number => ((generator.next() >>> 5) * TWO_POW_26 + (generator.next() >>> 6)) * TWO_POW_MINUS_53;
  // One per stream: d3's normal caches the second of each pair, which must not pass from one simulation to the next.
  const standardNormal = randomNormal.source(unit)();
  const gamma = randomGamma.source(unit);
  const poisson = randomPoisson.source(unit);
  const binomial = randomBinomial.source(unit);
  const standardExponential = randomExponential.source(unit)(1);

  return {
    uniform(min = 0, max = 1) {
      if (!(min <= max && Number.isFinite(max - min))) refuse('uniform', { min, max }, 'min and max must be finite, with min at most max');
      // Rounding may yield the upper bound, which is excluded.
      const value = min + unit() * (max - min);
      return value < max ? value : min;
    },
    uniformInt(min, max) {
      if (!(min <= max && Number.isSafeInteger(min) && Number.isSafeInteger(max))) {
        refuse('uniformInt', { min, max }, 'min and max must be whole numbers, with min at most max');
      }
      return uniformInt(generator, min, max);
    },
    normal(mean = 0, standardDeviation = 1) {
      if (!(Number.isFinite(mean) && standardDeviation >= 0 && Number.isFinite(standardDeviation))) {
        refuse('normal', { mean, standardDeviation }, 'the mean must be finite, the standard deviation finite and at least 0');
      }
      return mean + standardDeviation * standardNormal();
    },
    poisson(mean) {
      if (!(mean >= 0 && Number.isFinite(mean))) refuse('poisson', { mean }, 'the mean must be finite and at least 0');
      return poisson(mean)();
    },
    binomial(trials, probability) {
      if (!(trials >= 0 && Number.isSafeInteger(trials) && probability >= 0 && probability <= 1)) {
        refuse('binomial', { trials, probability }, 'trials must be a whole number of at least 0, the probability a number from 0 to 1');
      }
      return trials === 0 ? 0 : binomial(trials, probability)();
    },
    gamma(shape, scale = 1) {
      if (!(shape >= 0 && Number.isFinite(shape) && scale >= 0 && Number.isFinite(scale))) {
        refuse('gamma', { shape, scale }, 'shape and scale must be finite and at least 0');
      }
      return gamma(shape, scale)();
    },
    exponential(rate = 1) {
      if (!(rate > 0 && Number.isFinite(rate))) refuse('exponential', { rate }, 'the rate must be finite and above 0');
      return standardExponential() / rate;
    },
  };
}

function refuse(distribution: string, given: Record<string, number>, rule: string): never {
  const values = Object.entries(given).map(([name, value]) => `${name} ${value}`);
  throw new ModelOpsError('VALUE_INVALID', `invalid arguments of rng.${distribution}: ${values.join(', ')}`, { hint: rule });
}
