import type { Column, TableInput } from '../columns.ts';
import type { AggregatedOutputs, AggregatedTable } from './aggregated-table.ts';
import type { Evaluator } from './evaluator.ts';

/** Compares an observed row with a simulated row whose value of one column is near. */
export interface NearJoin {
  /** A numeric column of both tables. */
  readonly column: string;
  /**
   * `nearest` (default): the closest simulated value, the upper one of two equally close. `backward`: the last one at or below the observed value. `forward`:
   * the first one at or above it.
   */
  readonly direction?: 'nearest' | 'backward' | 'forward';
  /** Largest distance between the two values; unlimited by default. */
  readonly tolerance?: number;
  /** Columns with equal values in both rows: regions, age groups. */
  readonly by?: readonly string[];
}

/**
 * Which simulated row an observed row is compared with: the one with equal values in every named column, a near one, or, with `none`, the only row of a
 * scalar output.
 */
export type Join = readonly string[] | NearJoin | 'none';

/** The definition of a target. */
export interface TargetSpec {
  /** The model output that contains the simulated values. */
  readonly output: string;
  /** Observed data: a CSV or Parquet file relative to the project root, or a table. */
  readonly data: string | TableInput;
  readonly join: Join;
  /** The simulated column to compare. */
  readonly value: string;
  /** The observed column, if it has another name. */
  readonly observedValue?: string;
  /** A column of the observed data with the weight of each row. */
  readonly rowWeight?: string;
  /** The weight of the loss in the sum of a target set that does not set one. Default: 1. */
  readonly weight?: number;
  readonly evaluator: Evaluator;
  /** Stores a table of the observations with each loss: mean, quantiles over replicates, residuals. Default: none. */
  readonly outputs?: AggregatedOutputs;
}

/** What a target compares with what: for people and plots, not for evaluation. */
export interface Comparison {
  readonly output: string;
  /** The columns that join observed and simulated rows; the column of a near join is the last. Empty for a scalar output. */
  readonly join: readonly string[];
  /** The simulated column. */
  readonly value: string;
  readonly observed_value: string;
  /** The number of trials behind a count, of the simulated and of the observed value: a column, or a number. */
  readonly trials?: number | string;
  readonly observed_trials?: number | string;
  /** The file of observed data; null if it is in the code. */
  readonly data: string | null;
  /** The columns of a table in the code of at most 1,000 rows. */
  readonly observed?: Readonly<Record<string, readonly (boolean | number | string | null)[]>>;
}

export interface TargetDescription {
  readonly output: string;
  /** All outputs that the target reads, if there are several. */
  readonly outputs?: readonly string[];
  /** Null if the observed data is in the code. */
  readonly data: string | null;
  /** All files that the target reads, if there are several. */
  readonly files?: readonly string[];
  /** What it compares, one for each target of a joint likelihood. */
  readonly compares: readonly Comparison[];
  readonly weight?: number;
  readonly behaviour: number;
}

/** An output of all replicates of a parameter set. */
export interface ReplicateTable {
  /** The columns of all replicates, concatenated. */
  readonly columns: Readonly<Record<string, Column>>;
  /** The number of rows of each replicate. */
  readonly rows: ArrayLike<number>;
}

/** Replicates of one parameter set, and the observations. */
export interface EvaluateInput {
  /** The outputs that the target reads, by name. */
  readonly outputs: Readonly<Record<string, ReplicateTable>>;
  /** The columns of the target's data files, by their names in the definition; empty if the data is in the code. */
  readonly observed: Readonly<Record<string, Readonly<Record<string, Column>>>>;
}

export interface Evaluation {
  /** Always finite. */
  readonly loss: number;
  readonly diagnostics: Readonly<Record<string, unknown>>;
  readonly n_replicates: number;
  /** Tables that the target stores, by name: of the value, or of a target in a joint likelihood. */
  readonly outputs?: Readonly<Record<string, AggregatedTable>>;
}

/** A checked target, as hosts use it. Recognised by `kind`. */
export interface TargetDefinition {
  readonly kind: 'modelops.target';
  readonly behaviour: number;
  describe(): TargetDescription;
  /** The loss of a parameter set. @throws TARGET_INVALID naming the column, row, replicate or value that prevents a loss */
  evaluate(input: EvaluateInput): Evaluation;
}
