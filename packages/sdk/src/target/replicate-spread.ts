/**
 * Of the losses l_r of R single replicates: their mean l̄ and its standard error √(Σ_r (l_r − l̄)² / (R − 1) / R). Both null where a loss is not finite,
 * the error also for one replicate. Results show them beside the loss under these names, also from an evaluator of the user's own.
 * Source: the standard error of a mean, Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, §7.10, doi:10.1007/978-0-387-84858-7.
 */
export function replicateSpread(losses: Float64Array): { readonly replicate_mean: number | null; readonly standard_error: number | null } {
  const n = losses.length;
  let sum = 0;
  for (const loss of losses) sum += loss;
  const mean = sum / n;
  if (!Number.isFinite(mean)) return { replicate_mean: null, standard_error: null };
  let distance = 0;
  for (const loss of losses) distance += (loss - mean) ** 2;
  return { replicate_mean: mean, standard_error: n < 2 ? null : Math.sqrt(distance / (n - 1) / n) };
}
