import { logicalPath, ModelOpsError, type ParamValues, seedToJson } from '@modelops/contracts';
import { readTaskError, typeOf } from '@modelops/model-host';
import type { Stores } from '@modelops/worker';
import type { ShownOutput, ShownResult } from '../documents/results.ts';
import { jobsOf } from './jobs-of.ts';
import { type ResolvedResult, resolveResult } from './resolve-result.ts';

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
