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

/** A row of losses, whose time is a timestamp: columns `param_<name>` become `params`; the others are the loss's own fields. */
export function lossOf({ filename: _, file_row_number: __, computed_at, ...row }: Readonly<Record<string, unknown>>): Loss {
  const isParam = (name: string) => name.startsWith('param_') && name !== 'param_id';
  const entries = Object.entries(row);
  const params = entries.flatMap(([name, value]) => (isParam(name) && value !== null ? [[name.slice('param_'.length), value]] : []));
  const fields = entries.filter(([name]) => !isParam(name));
  return {
    ...Object.fromEntries(fields),
    replicate_mean: row.replicate_mean ?? null, // losses of older versions have neither
    standard_error: row.standard_error ?? null,
    computed_at: computed_at instanceof Date ? computed_at.toISOString() : null,
    params: Object.fromEntries(params),
  } as unknown as Loss;
}
