import type { JobId } from '@modelops/contracts';

/** One row of the losses: a parameter set × target of a job. */
export interface Loss {
  readonly job_id: string;
  readonly param_id: string;
  readonly params: Readonly<Record<string, boolean | number | string>>;
  readonly target: string;
  /** Null where the aggregation failed or lacks replicates; `reason` says why. */
  readonly loss: number | null;
  readonly n_replicates: number;
  readonly n_failed: number;
  readonly bundle_digest: string;
  readonly model_digest: string;
  readonly entrypoint: string;
  readonly scenario: string;
  /** ISO 8601. */
  readonly computed_at: string | null;
  readonly cache_hit: boolean;
  readonly reason: string | null;
}

export interface LossFilter {
  readonly job?: JobId | undefined;
  readonly target?: string | undefined;
  readonly bundleDigest?: string | undefined;
  /** ISO 8601, inclusive. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly minLoss?: number | undefined;
  readonly maxLoss?: number | undefined;
  readonly limit?: number | undefined;
}

/** Questions across jobs (seed 003). Losses come least first unless said otherwise; null losses last. */
export interface ResultClient {
  /** The losses of a job, in the order of its parameter sets. @throws RESULT_NOT_FOUND while it has none */
  getLosses(job: JobId, filter?: Pick<LossFilter, 'target' | 'limit'>): Promise<Loss[]>;
  queryLosses(filter: LossFilter): Promise<Loss[]>;
  /** The parameter sets with the least loss; a set that several jobs share counts once. */
  getBestParameters(query: {
    readonly job?: JobId | undefined;
    readonly target?: string | undefined;
    readonly nBest: number;
  }): Promise<Loss[]>;
}
