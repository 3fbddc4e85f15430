/** Observations and the simulated values that they are compared with. All values are finite. */
export interface AlignedData {
  readonly observed: Float64Array;
  /** The value of replicate k for observation i is at `k * observed.length + i`. */
  readonly simulated: Float64Array;
  /** At least 0, with a positive sum; all 1 if the target has no column of row weights. */
  readonly weights: Float64Array;
  readonly n_replicates: number;
  /** Another numeric column of the observed data, one value per observation. @throws TARGET_INVALID */
  observedColumn(name: string): Float64Array;
  /** Another numeric column of the output, ordered as `simulated`. @throws TARGET_INVALID */
  simulatedColumn(name: string): Float64Array;
  /** The values of observation i in the join columns. */
  joinValues(i: number): Readonly<Record<string, boolean | number | string>>;
}

/** The numbers of trials behind compared counts, so that plots show shares: columns, or numbers. */
export interface Shares {
  /** Of the simulated value; absent if it is a share already. */
  readonly trials?: number | string;
  readonly observedTrials?: number | string;
}

/** Computes a loss from aligned data, alone or with diagnostics. Must be a pure function. */
export interface Evaluator {
  (data: AlignedData): number | { readonly loss: number; readonly diagnostics: Readonly<Record<string, unknown>> };
  readonly shares?: Shares;
}
