/** Coefficients of Stirling's series, B(2n) / (2n (2n − 1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
/** From here on seven terms of the series are exact to a double. */
const SERIES_FROM = 12;

/**
 * The natural logarithm of the gamma function for x > 0, to a few units in the last place of max(1, |result|): Stirling's series (NIST DLMF 5.11.1) after
 * a shift by the recurrence Γ(x + 1) = x Γ(x). Our own code because the sdk is compiled into every model and the libraries for it cannot be tree-shaken.
 */
export function logGamma(x: number): number {
  let product = 1;
  let at = x;
  for (; at < SERIES_FROM; at++) product *= at;
  let series = 0;
  const inverse = 1 / at;
  for (let n = STIRLING.length - 1; n >= 0; n--) series = series * inverse * inverse + STIRLING[n]!;
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series * inverse - Math.log(product);
}

/** log B(a, b) = log Γ(a) + log Γ(b) − log Γ(a + b). */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** The logarithm of n over k. */
export function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
