/** The values of one parameter, one per parameter set. */
export interface ParameterColumn {
  readonly name: string;
  readonly unit?: string | undefined;
  readonly description?: string | undefined;
  /** The scale that the model declares; undefined: chosen from the values. */
  readonly scale?: 'linear' | 'log' | 'logit' | undefined;
  /** Numbers; for text and booleans the index into `categories`. NaN if a set lacks the parameter. */
  readonly values: Float64Array;
  readonly categories?: readonly string[] | undefined;
}

/** The values of a column, one per set: numbers unchanged; if any value is text or a boolean, all values become categories. NaN for undefined. */
export function columnValues(values: readonly (boolean | number | string | undefined)[]): Pick<ParameterColumn, 'values' | 'categories'> {
  const known = values.filter((value) => value !== undefined);
  if (known.every((value) => typeof value === 'number'))
    return { values: Float64Array.from(values, (value) => (value as number | undefined) ?? Number.NaN) };
  const categories = [...new Set(known.map(String))].sort();
  const codes = new Map(categories.map((category, code) => [category, code]));
  return { values: Float64Array.from(values, (value) => (value === undefined ? Number.NaN : codes.get(String(value))!)), categories };
}

/** The losses of one target, one per parameter set. */
export interface TargetLosses {
  readonly name: string;
  /** NaN if a set has no loss. */
  readonly losses: Float64Array;
  /** Number of replicates that a loss is computed from; 0 if unknown. */
  readonly replicates: Int32Array;
}

/** Parameter sets and their losses. */
export interface LossTable {
  readonly paramIds: readonly string[];
  readonly parameters: readonly ParameterColumn[];
  readonly targets: readonly TargetLosses[];
}

/** A Saltelli design among the sets of a table. */
export interface SaltelliDesign {
  readonly job: string;
  /** The parameters that vary, in the order of the design. */
  readonly names: readonly string[];
  readonly secondOrder: boolean;
  /** The table's row of each row of the design, block after block: A, AB₁ … AB_d, with second order BA₁ … BA_d, then B. */
  readonly rows: Uint32Array;
}

/** Targets whose losses are added. */
export interface TargetSetFacts {
  readonly name: string;
  /** By target. */
  readonly weights: Readonly<Record<string, number>>;
}

/** Quantiles over the replicates of one parameter set at each `x`. */
export interface BandSet {
  readonly paramId: string;
  readonly loss: number;
  readonly replicates: number;
  readonly x: readonly number[];
  readonly q05: readonly number[];
  readonly q25: readonly number[];
  readonly q50: readonly number[];
  readonly q75: readonly number[];
  readonly q95: readonly number[];
}

/** Simulations of the best sets of a target, and the observed data. */
export interface Bands {
  readonly target: string;
  readonly output: string;
  /** Empty for a single value. */
  readonly xName: string;
  readonly yName: string;
  /** Each replicate has a single value: each set has one x, 0. */
  readonly isSingle?: boolean | undefined;
  /** x is a time in milliseconds since 1970. */
  readonly hasDates?: boolean | undefined;
  /** The group of observations, if they are grouped: `age 0-4, region north`. */
  readonly group?: string | undefined;
  /** Number of all groups. */
  readonly groups?: number | undefined;
  /** Undefined if the observed data are not available. */
  readonly observed: { readonly x: readonly number[]; readonly y: readonly number[] } | undefined;
  readonly sets: readonly BandSet[];
}

/** Failed tasks of one cause. */
export interface FailureFacts {
  readonly job: string;
  readonly count: number;
  readonly kind: string;
  readonly message: string;
  readonly traceback?: string | undefined;
  /** The parameters of one of them. */
  readonly sample: Readonly<Record<string, unknown>>;
  readonly seed: string;
  /** The part of the parameter space where they are: `beta > 1.5`. */
  readonly region?: string | undefined;
  readonly command: string;
}

/** Parameter sets that ran but have no loss for a target. */
export interface TargetFailureFacts {
  readonly job: string;
  readonly target: string;
  readonly reason: string;
  readonly count: number;
}

/** A job, for the summary, the comparison and the provenance. */
export interface JobFacts {
  readonly id: string;
  readonly status: string;
  readonly model: string;
  readonly scenario: string;
  readonly tasks: number;
  readonly done: number;
  readonly replicates: number;
  /** The rows of the job in the table. */
  readonly rows: Uint32Array;
  /** Labels and values: bundle, digests, seeds, versions. */
  readonly provenance: readonly (readonly [string, string])[];
  /** Files of the bundle and their digests. */
  readonly files: readonly { readonly path: string; readonly digest: string }[];
  /** Commands that reproduce the results. */
  readonly commands: readonly string[];
}

/** The losses of two jobs for one target, paired by parameter set, as `mops results compare --json` names them. */
export interface PairedTarget {
  readonly target: string;
  readonly pairs: number;
  readonly only_a: number;
  readonly only_b: number;
  readonly mean_a: number | null;
  readonly mean_b: number | null;
  /** Mean of b − a, and its 95 % interval (paired t). */
  readonly mean_difference: number | null;
  readonly interval: readonly [number, number] | null;
  readonly lower: number;
  readonly higher: number;
}

/** A job compared with the first one, as `mops results compare --json` names the parts. */
export interface ComparisonFacts {
  readonly a: string;
  readonly b: string;
  /** Parameter sets that both jobs have, and how many of them have the same seeds in both. */
  readonly shared: { readonly sets: number; readonly same_seeds: number };
  readonly targets: readonly PairedTarget[];
  /** What differs between the inputs of the jobs. */
  readonly changes: readonly { readonly what: string; readonly a: string | null; readonly b: string | null }[];
  /** False if changed files are unknown. */
  readonly has_files: boolean;
}

/** Everything that a report shows. */
export interface ReportData {
  readonly title: string;
  /** `mops 0.1.0` */
  readonly generator: string;
  /** ISO 8601. */
  readonly generatedAt: string;
  /** Seconds after which an open page reloads itself; undefined: never. */
  readonly refreshSeconds?: number | undefined;
  readonly table: LossTable;
  /** The sets whose design determines the sensitivity indices; undefined: they are computed from all sets, of whatever design. */
  readonly saltelli?: SaltelliDesign | undefined;
  readonly targetSets: readonly TargetSetFacts[];
  readonly jobs: readonly JobFacts[];
  readonly comparisons: readonly ComparisonFacts[];
  readonly bands: readonly Bands[];
  readonly failures: readonly FailureFacts[];
  readonly targetFailures: readonly TargetFailureFacts[];
  /** What the report omits, and why. */
  readonly notes: readonly string[];
}
