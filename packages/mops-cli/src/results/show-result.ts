import { type JsonSeed, logicalPath, ModelOpsError, type PackAddress, type ParamValues, seedToJson } from '@modelops/contracts';
import { readTaskError, type TaskError, typeOf } from '@modelops/model-host';
import type { Stores } from '@modelops/worker';
import type { JobUse } from './job-use.ts';
import { jobsOf } from './jobs-of.ts';
import { type ResolvedResult, resolveResult } from './resolve-result.ts';

export interface ShownOutput {
  readonly name: string;
  readonly rows: number;
  /** Digest of the pack's file, hex. */
  readonly sha256: string | null;
  /** True if `mops store gc` deleted its rows; the result still counts. */
  readonly evicted: boolean;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** The first rows, one value per column; 64-bit integers and values that JSON lacks (NaN) as text. */
  readonly first: readonly (readonly unknown[])[];
}

/** Everything known about one result. */
export interface ShownResult {
  readonly task_id: string;
  readonly path: string;
  readonly status: 'ok' | 'failed';
  /** Only of a failed task. */
  readonly error: TaskError | null;
  readonly param_id: string;
  readonly params: ParamValues;
  readonly seed: JsonSeed;
  /** Kind of the result's address: `token` (model digest) or `bundle` (bundle digest). */
  readonly address: PackAddress['schema'];
  /** The whole digest if a job that uses the result is known, otherwise its first twelve digits. */
  readonly code: string;
  readonly bundle_ref: string | null;
  readonly entrypoint: string;
  readonly scenario: string;
  readonly pack: string;
  /** Other packs that contain it, or a failure of it. */
  readonly also_in: readonly string[];
  readonly started_at: string;
  readonly duration_ms: number;
  readonly worker: string;
  readonly computed_by: string | null;
  readonly outputs: readonly ShownOutput[];
  readonly jobs: readonly JobUse[];
}

/** Describes the one result that `name` matches, with the first `rows` rows of its outputs. @throws as {@link resolveResult} does */
export async function showResult(name: string, rows: number, stores: Stores): Promise<ShownResult> {
  const resolved = await resolveResult(name, stores.cached);
  const { row, packs } = resolved;
  const jobs = await jobsOf(row, stores);
  const spec = jobs.length === 0 ? undefined : await stores.registry.spec(jobs[0]!.job);
  return {
    task_id: row.task_id,
    path: logicalPath(row.address.code, row.param_id, row.seed),
    status: row.status,
    error: row.error === null ? null : readTaskError(row.error),
    param_id: row.param_id,
    params: JSON.parse(row.params) as ParamValues,
    seed: seedToJson(row.seed),
    address: row.address.schema,
    code: spec?.binding.code ?? row.address.code,
    bundle_ref: spec?.binding.bundle_ref ?? null,
    entrypoint: row.address.name,
    scenario: row.address.name.slice(row.address.name.lastIndexOf('/') + 1),
    pack: row.pack,
    also_in: packs.filter((pack) => pack !== row.pack),
    started_at: new Date(row.started_at).toISOString(),
    duration_ms: row.duration_ms,
    worker: row.worker,
    computed_by: row.job_id === '' ? null : row.job_id,
    outputs: row.status === 'ok' ? await outputsOf(resolved, rows, stores) : [],
    jobs,
  };
}

async function outputsOf({ row }: ResolvedResult, limit: number, { provenance }: Stores): Promise<ShownOutput[]> {
  const shown: ShownOutput[] = [];
  for (const { name, rows, sha256 } of row.outputs) {
    const { table, missing, evicted } = await provenance.readOutput(row.address, [row.task_id], name);
    if (missing.length > evicted.length) {
      throw new ModelOpsError('STORE_CORRUPT', `output ${name} of ${row.task_id} cannot be read; its pack is quarantined`, {
        hint: 'recompute it: mops jobs resume JOB',
      });
    }
    const columns = table.columns.map(({ name: column, values }) => ({ name: column, type: typeOf(values) }));
    const shownRows = evicted.length > 0 ? 0 : Math.min(limit, rows);
    const first = Array.from({ length: shownRows }, (_, at) => table.columns.map(({ values }) => shownValue(values[at])));
    shown.push({ name, rows, sha256, evicted: evicted.length > 0, columns, first });
  }
  return shown;
}

/** As a JSON value. */
function shownValue(value: unknown): unknown {
  return typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value;
}
