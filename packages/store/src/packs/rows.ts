import type { AggregationId, OutputTable, ParamId, TaskId } from '@modelops/contracts';

export interface SimulationRow {
  readonly task_id: TaskId;
  readonly param_id: ParamId;
  /** Canonical JSON. */
  readonly params: string;
  readonly seed: bigint;
  readonly status: 'ok' | 'failed';
  /** JSON of the cause, null for `ok`. */
  readonly error: string | null;
  /** Milliseconds since 1970. */
  readonly started_at: number;
  readonly duration_ms: number;
}

export interface SimulationPack {
  readonly name: string;
  readonly simulations: readonly SimulationRow[];
  readonly outputs: Readonly<Record<string, OutputTable>>;
  readonly job_id: string;
  readonly worker: string;
}

export interface FailedRow extends SimulationRow {
  readonly pack: string;
  readonly job_id: string;
}

export interface AggregationRow {
  readonly aggregation_id: AggregationId;
  readonly param_id: ParamId;
  readonly target: string;
  /** Null if the target could not be evaluated; `reason` has the cause. */
  readonly loss: number | null;
  readonly n_replicates: number;
  /**
   * Mean and standard error of the losses of the single replicates, where the evaluator computes one for each; null otherwise. Undefined in packs of
   * older versions.
   */
  readonly replicate_mean?: number | null;
  readonly standard_error?: number | null;
  /** JSON. */
  readonly diagnostics: string;
  /** ISO 8601. */
  readonly computed_at: string;
  readonly job_id: string;
  readonly reason: string | null;
}

/** Columns that a pack adds to each output. */
export const ADDED_COLUMNS: readonly string[] = ['param_id', 'seed'];

/** The worker of an imported result, alone or followed by the worker that computed it elsewhere: no job here can compute it again. */
const IMPORT = 'import';

/** The worker of an imported result. */
export function importingWorker(worker: string | undefined): string {
  return worker === undefined || isImported(worker) ? (worker ?? IMPORT) : `${IMPORT}:${worker}`;
}

export function isImported(worker: string): boolean {
  return worker === IMPORT || worker.startsWith(`${IMPORT}:`);
}

/** The worker that computed an imported result; any other worker is returned unchanged. */
export function importedFrom(worker: string): string {
  return worker.startsWith(`${IMPORT}:`) ? worker.slice(IMPORT.length + 1) : worker;
}
