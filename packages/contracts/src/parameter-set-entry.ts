import type { ParamValues } from './identity/param-id.ts';
import type { JsonSeed } from './identity/seed.ts';

/** One entry of `parameter_sets`: plain values (replicated `n_replicates` times), or values with an explicit seed (one task). */
export type ParameterSetEntry = ParamValues | { readonly params: ParamValues; readonly seed: JsonSeed };

/** True for an entry `{params, seed}`; a model's own parameters may have any other names. */
export function isSeeded(value: unknown): value is { params: ParamValues; seed: JsonSeed } {
  return typeof value === 'object' && value !== null && 'params' in value && 'seed' in value && typeof value.params === 'object';
}
