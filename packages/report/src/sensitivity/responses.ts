/** A model's response at each row of a design; NaN if it is missing. */
export interface Responses {
  readonly y: Float64Array;
  /** Variance of `y` by chance: the variance between replicates, divided by their number. 0 if unknown or none. */
  readonly noise: Float64Array;
  /** Equal numbers for rows of one parameter set, which share their response and its noise. */
  readonly set: Uint32Array;
}

/** Response of one parameter set, over its replicates. */
export interface SetResponse {
  readonly mean: number;
  readonly replicates: number;
  /** Variance between replicates; 0 for one. */
  readonly variance: number;
}

/** The responses of parameter sets by id, from rows with one value each. Rows without a finite value are ignored. */
export function responsesById(ids: ArrayLike<unknown>, values: ArrayLike<unknown>): Map<string, SetResponse> {
  const sums = new Map<string, { n: number; mean: number; squares: number }>();
  for (let row = 0; row < ids.length; row++) {
    const value = values[row];
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    const id = String(ids[row]);
    const held = sums.get(id) ?? { n: 0, mean: 0, squares: 0 };
    // Welford's update.
    held.n += 1;
    const shift = value - held.mean;
    held.mean += shift / held.n;
    held.squares += shift * (value - held.mean);
    sums.set(id, held);
  }
  return new Map([...sums].map(([id, { n, mean, squares }]) => [id, { mean, replicates: n, variance: n > 1 ? squares / (n - 1) : 0 }]));
}

/** The responses at the rows of a design, joined by id. @param hasNoise false if the replicates of all sets share their random numbers */
export function responsesAt(ids: readonly string[], byId: ReadonlyMap<string, SetResponse>, hasNoise: boolean): Responses {
  const numbers = new Map<string, number>();
  const set = Uint32Array.from(ids, (id) => {
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    return number;
  });
  return {
    y: Float64Array.from(ids, (id) => byId.get(id)?.mean ?? Number.NaN),
    noise: Float64Array.from(ids, (id) => {
      const response = byId.get(id);
      return response === undefined || !hasNoise ? 0 : response.variance / response.replicates;
    }),
    set,
  };
}

/** The variance of single simulations, split into variance between parameter sets and chance variance between replicates. */
export interface Shares {
  readonly variance_of_parameters: number;
  readonly variance_of_chance: number;
  readonly share_of_parameters: number;
}

/** Undefined if no set has two replicates. */
export function sharesOf(responses: Iterable<SetResponse>): Shares | undefined {
  const all = [...responses];
  const replicated = all.filter(({ replicates }) => replicates > 1);
  if (replicated.length === 0 || all.length < 2) return undefined;
  const chance = replicated.reduce((sum, { variance }) => sum + variance, 0) / replicated.length;
  const mean = all.reduce((sum, one) => sum + one.mean, 0) / all.length;
  const spread = all.reduce((sum, one) => sum + (one.mean - mean) ** 2, 0) / (all.length - 1);
  const noise = all.reduce((sum, { replicates }) => sum + chance / replicates, 0) / all.length;
  const parameters = Math.max(0, spread - noise);
  return { variance_of_parameters: parameters, variance_of_chance: chance, share_of_parameters: parameters / (parameters + chance || 1) };
}
