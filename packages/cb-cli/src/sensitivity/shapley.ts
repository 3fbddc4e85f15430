/**
 * Shapley effects from the share of variance that each subset of parameters explains alone. A. B. Owen, "Sobol' indices and Shapley value" (2014).
 * @param explained the share of a subset (as bits); 0 for the empty subset, 1 for all parameters.
 */
export function shapleyEffects(d: number, explained: (subset: number) => number): number[] {
  const weights = Array.from({ length: d }, (_, size) => 1 / (d * binomial(d - 1, size)));
  const shares = Float64Array.from({ length: 2 ** d }, (_, subset) => explained(subset));
  return Array.from({ length: d }, (_, k) => {
    let effect = 0;
    for (let subset = 0; subset < 2 ** d; subset++) {
      if ((subset >> k) & 1) continue;
      effect += weights[sizeOf(subset)]! * (shares[subset | (1 << k)]! - shares[subset]!);
    }
    return effect;
  });
}

export function sizeOf(subset: number): number {
  let size = 0;
  for (let rest = subset; rest > 0; rest >>= 1) size += rest & 1;
  return size;
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let at = 1; at <= k; at++) value = (value * (n - k + at)) / at;
  return value;
}
