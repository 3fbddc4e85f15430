import { exp, ln, logistic, logit } from '../exp-ln.ts';
import { type Distribution, solve, type Tails } from './distribution.ts';
import { lnGamma, nonZero } from './gamma.ts';

/** The regularised incomplete beta function and its complement. `rest` is 1 − x. */
function betaTails(a: number, b: number, x: number, rest: number): Tails {
  if (x <= 0) return { below: 0, above: 1 };
  if (rest <= 0) return { below: 1, above: 0 };
  const front = exp(a * ln(x) + b * ln(rest) - lnBeta(a, b));
  if (x < (a + 1) / (a + b + 2)) {
    const below = (front * continuedFraction(a, b, x)) / a;
    return { below, above: 1 - below };
  }
  const above = (front * continuedFraction(b, a, rest)) / b;
  return { below: 1 - above, above };
}

/** The beta distribution on (0, 1). */
export function betaDistribution(alpha: number, beta: number): Distribution {
  return {
    tails: (x) => betaTails(alpha, beta, x, 1 - x),
    quantile: ({ below, above }) => (below <= above ? lowQuantile(alpha, beta, below) : 1 - lowQuantile(beta, alpha, above)),
  };
}

/** For probabilities up to one half. Solved in logit x, where the logarithm of the tail is nearly linear. */
function lowQuantile(a: number, b: number, below: number): number {
  if (below <= 0) return 0;
  const wanted = ln(below);
  const at = (t: number) => {
    const [x, rest] = [logistic(t), logistic(-t)];
    const tail = betaTails(a, b, x, rest).below;
    return { value: ln(tail) - wanted, slope: exp(a * ln(x) + b * ln(rest) - lnBeta(a, b)) / tail };
  };
  return logistic(solve(at, -700, 700, Math.min((wanted + ln(a) + lnBeta(a, b)) / a, logit(a / (a + b)))));
}

function lnBeta(a: number, b: number): number {
  return lnGamma(a) + lnGamma(b) - lnGamma(a + b);
}

/** Lentz's evaluation of the continued fraction of the incomplete beta function (DLMF 8.17.22). */
function continuedFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return fraction;
}
