import type { JobId, JobStatus } from '@modelops/contracts';
import type { ResultSource } from '@modelops/store';
import type { Comparison } from './compare-losses.ts';
import type { Loss } from './loss.ts';

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

/** The part of a table of `apache-arrow` that reading needs, so that programs compile without that library. */
export interface ArrowTable {
  readonly numRows: number;
  readonly schema: { readonly names: readonly PropertyKey[] };
  /** A column by its name; null if there is none. */
  getChild(name: string): (Iterable<unknown> & { readonly length: number; get(row: number): unknown }) | null;
  /** The rows, each by column name. */
  toArray(): unknown[];
}

/** The part of an `AbortSignal` used here, so that programs compile without the types of Node or a browser. */
export interface Interruption {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface TableLimits {
  /** Maximum number of rows; default: all. */
  readonly rows?: number;
  /** Default: 60. */
  readonly seconds?: number;
  readonly signal?: Interruption;
}

/** A job that uses a result. */
export interface JobUse {
  readonly job: JobId;
  readonly status: JobStatus;
  readonly created_at: string;
  /** How the job got the result; null while it has none: the task failed or has not run. */
  readonly source: ResultSource | null;
}

/** Queries over the results of jobs (seed 003). Losses are ordered lowest first unless stated otherwise; null losses last. */
export interface ResultClient {
  /** The losses of a job, in the order of its parameter sets. @throws RESULT_NOT_FOUND if it has none yet */
  getLosses(job: JobId, filter?: Pick<LossFilter, 'target' | 'limit'>): Promise<Loss[]>;
  queryLosses(filter: LossFilter): Promise<Loss[]>;
  /** The losses of {@link queryLosses}, job after job in the order of their parameter sets, read a few thousand at a time. */
  streamLosses(filter: LossFilter): AsyncIterable<Loss>;
  /** The same as an Arrow table: the columns of `losses.parquet`. */
  lossTable(filter: LossFilter): Promise<ArrowTable>;
  /**
   * The rows of a SELECT over the views `losses`, `jobs`, `tasks`, `failures`, `attribution`, `parameters` and one for each model output, as an
   * Arrow table. @throws QUERY_INVALID; QUERY_REFUSED for SQL that does more; QUERY_LIMIT
   */
  query(sql: string, limits?: TableLimits): Promise<ArrowTable>;
  /**
   * The rows of {@link query} as tables of up to 65,536 rows or a little more, read as they are asked for, without a limit of time unless one is given: for
   * outputs that are larger than memory. An empty result is one table without rows. @throws as {@link query}
   */
  streamQuery(sql: string, limits?: TableLimits): AsyncIterable<ArrowTable>;
  /** The `nBest` parameter sets with the lowest loss of each target, best first; targets in alphabetical order. A set that several jobs share counts once. */
  getBestParameters(query: {
    readonly job?: JobId | undefined;
    readonly target?: string | undefined;
    readonly nBest: number;
  }): Promise<Loss[]>;
  /** Sets and targets that both jobs have, with the losses of both; the largest difference first. */
  compare(a: JobId, b: JobId): Promise<Comparison>;
  /** The jobs that use a result, by its task id or provenance path. @throws RESULT_NOT_FOUND, CONFLICT if several match */
  jobsOf(result: string): Promise<JobUse[]>;
}
