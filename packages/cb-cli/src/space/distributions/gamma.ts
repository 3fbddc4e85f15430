import { exp, ln } from '../exp-ln.ts';
import { type Distribution, solve, type Tails } from './distribution.ts';

const LANCZOS = [
  57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202, 3.399464998481189e-5, 4.652362892704858e-5,
  -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488, 0.00021743961811521265, -0.0001643181065367639,
  8.441822398385275e-5, -2.6190838401581408e-5, 3.6899182659531625e-6,
];

/** ln Γ(x) for x above 0, to 1e-14. C. Lanczos (1964), coefficients of P. Godfrey (2001). */
export function lnGamma(x: number): number {
  const shifted = x + 5.2421875;
  const sum = LANCZOS.reduce((total, coefficient, at) => total + coefficient / (x + 1 + at), 0.9999999999999971);
  return (x + 0.5) * ln(shifted) - shifted + ln((2.5066282746310007 * sum) / x);
}

/** The regularised incomplete gamma functions P(a, x) and Q(a, x), by series below a + 1 and by Lentz's continued fraction above. */
export function gammaTails(a: number, x: number): Tails {
  if (x <= 0) return { below: 0, above: 1 };
  const front = exp(a * ln(x) - x - lnGamma(a));
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a];
    for (let n = 1; n < 100_000 && term > sum * 1e-17; n++) {
      term *= x / (a + n);
      sum += term;
    }
    const below = Math.min(1, front * sum);
    return { below, above: 1 - below };
  }
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 100_000; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / nonZero(factor * d + b);
    c = nonZero(b + factor / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  const above = Math.min(1, front * fraction);
  return { below: 1 - above, above };
}

/** The gamma distribution of mean `shape × scale`. */
export function gammaDistribution(shape: number, scale: number): Distribution {
  return {
    tails: (x) => gammaTails(shape, x / scale),
    quantile: ({ below, above }) => {
      if (below <= 0) return 0;
      if (above <= 0) return Number.POSITIVE_INFINITY;
      const isLow = below <= above;
      const wanted = ln(isLow ? below : above);
      // Solved in ln x, where the logarithm of the lower tail is nearly linear.
      const at = (t: number) => {
        const x = exp(t);
        const tails = gammaTails(shape, x);
        const density = exp(shape * t - x - lnGamma(shape));
        return isLow
          ? { value: ln(tails.below) - wanted, slope: density / tails.below }
          : { value: wanted - ln(tails.above), slope: density / tails.above };
      };
      const start = isLow ? (wanted + ln(shape) + lnGamma(shape)) / shape : ln(shape + 1);
      return exp(solve(at, -745, 709, Math.min(start, ln(shape) + 1))) * scale;
    },
  };
}

/** For denominators of continued fractions: a tiny number in place of zero. */
export function nonZero(x: number): number {
  return Math.abs(x) < 1e-300 ? 1e-300 : x;
}
