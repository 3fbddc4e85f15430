/** One row of the losses: a parameter set × target of a job. */
export interface Loss {
  readonly job_id: string;
  readonly param_id: string;
  readonly params: Readonly<Record<string, boolean | number | string>>;
  readonly target: string;
  /** Null if the aggregation failed or lacks replicates; `reason` is the cause. */
  readonly loss: number | null;
  readonly n_replicates: number;
  readonly n_failed: number;
  /** Mean of the losses of the single replicates, and its standard error; null where the evaluator computes no loss of a replicate. */
  readonly replicate_mean: number | null;
  readonly standard_error: number | null;
  readonly bundle_digest: string;
  readonly model_digest: string;
  readonly entrypoint: string;
  readonly scenario: string;
  /** ISO 8601. */
  readonly computed_at: string | null;
  readonly cache_hit: boolean;
  readonly reason: string | null;
}
