import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobSpec, logicalPath, seedToJson, sha256Hex, shortId } from '@modelops/contracts';
import { sliceTable } from '@modelops/model-host';
import { type AggregationRow, type IndexRow, importedFrom } from '@modelops/store';
import { mapConcurrently } from '@modelops/system';
import { type Job, type Stores, verifyOutputs } from '@modelops/worker';
import type { ExportCounts } from '../../documents/results.ts';
import { groupBy } from '../group-by.ts';
import { arrowOf } from '../tree/arrow-table.ts';
import { artifactFile, METADATA, RESULT } from '../tree/documents.ts';
import type { Columns } from '../tree/join-tables.ts';
import { type ExportOptions, fileNameOf, taskBatches } from './exported-results.ts';

/** Maximum number of files written concurrently. */
const CONCURRENT_FILES = 32;

/**
 * The tree of seed document 003: `<schema>/v1/sims/{code12}/{shard}/params_{param_id[:8]}/seed_{seed}/` with metadata.json, result.json and an
 * artifact per output, and `<schema>/v1/aggs/{code12}/target_{target}/agg_{aggregation_id}/`. If the first eight digits of two parameter ids are
 * equal, their folder names have all 64 digits.
 */
export async function writeTree({ job, dir, signal, onProgress }: ExportOptions, stores: Stores): Promise<ExportCounts> {
  const root = join(dir, job.sims.schema, 'v1');
  const digitsOf = paramDigits(job);
  const counts = { results: 0, missing: 0, evicted: 0 };
  for (const batch of taskBatches(job, signal)) {
    const ids = batch.map(({ id }) => id);
    const found = (await stores.provenance.rows(job.sims, ids)).filter((row) => row !== undefined);
    counts.missing += batch.length - found.length;
    // All rows of a pack have the same columns and types.
    for (const rows of groupBy(found, ({ pack }) => pack).values()) {
      const outputs = await outputsOf(job, rows, stores);
      counts.evicted += rows.length - outputs.size;
      const whole = rows.filter(({ task_id }) => outputs.has(task_id));
      await mapConcurrently(whole, CONCURRENT_FILES, async (row) => {
        const folder = join(root, logicalPath(job.sims.code, row.param_id, row.seed, digitsOf(row.param_id)));
        await writeResult(folder, simulationMetadata(job.spec, row), row.task_id, outputs.get(row.task_id)!);
      });
      counts.results += whole.length;
      onProgress?.(counts.results + counts.missing + counts.evicted);
    }
  }
  await writeAggregations(root, job, stores);
  return counts;
}

/** The columns of every output by task, without tasks whose outputs were deleted. */
async function outputsOf(job: Job, rows: readonly IndexRow[], { provenance }: Stores): Promise<Map<string, Map<string, Columns>>> {
  const ids = rows.map(({ task_id }) => task_id);
  const byTask = new Map<string, Map<string, Columns>>(ids.map((id) => [id, new Map()]));
  for (const { name } of rows[0]!.outputs) {
    const { table, missing } = await provenance.readOutput(job.sims, ids, name);
    const absent = new Set<string>(missing);
    const there = ids.filter((id) => !absent.has(id));
    for (const id of absent) byTask.delete(id);
    for (const [at, id] of there.entries()) byTask.get(id)?.set(name, sliceTable(table, at, at + 1).columns);
  }
  return byTask;
}

/** The digits of a parameter id in its folder's name: eight, or all if two ids of the job share the first eight. */
function paramDigits({ tasks }: Job): (paramId: string) => number {
  const ids = new Map<string, Set<string>>();
  for (let set = 0; set < tasks.groupCount; set++) {
    const { param_id } = tasks.paramsAt(set);
    const short = param_id.slice(0, 8);
    ids.set(short, (ids.get(short) ?? new Set()).add(param_id));
  }
  return (paramId) => (ids.get(paramId.slice(0, 8))!.size > 1 ? paramId.length : 8);
}

function simulationMetadata({ study, binding }: JobSpec, row: IndexRow): object {
  return {
    schema_version: 1,
    task_id: row.task_id,
    bundle_ref: binding.bundle_ref,
    code: binding.code,
    provenance_schema: binding.schema,
    entrypoint: binding.entrypoint,
    param_id: row.param_id,
    params: JSON.parse(row.params),
    seed: seedToJson(row.seed),
    outputs: study.outputs,
    config: binding.config,
    timestamp: new Date(row.started_at).toISOString(),
    duration_ms: row.duration_ms,
    worker: importedFrom(row.worker),
    job_id: row.job_id === '' ? null : row.job_id,
  };
}

async function writeResult(folder: string, metadata: object, task: string, outputs: ReadonlyMap<string, Columns>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries: [string, object][] = [];
  for (const [output, columns] of outputs) {
    const bytes = await arrowOf(columns);
    await writeFile(join(folder, artifactFile(fileNameOf(output))), bytes);
    entries.push([output, { rows: columns[0]?.values.length ?? 0, size: bytes.byteLength, sha256: sha256Hex(bytes) }]);
  }
  await writeJson(folder, RESULT, { task_id: task, outputs: Object.fromEntries(entries) });
  await writeJson(folder, METADATA, metadata);
}

async function writeAggregations(root: string, job: Job, stores: Stores): Promise<void> {
  const { binding } = job.spec;
  if (binding.targets.length === 0) return;
  const { aggregations } = await verifyOutputs(job, stores);
  const rows = new Map<string, AggregationRow>();
  for (let at = 0; at < aggregations.length; at++) {
    const row = aggregations.rowAt(at);
    if (row !== undefined) rows.set(row.aggregation_id, row);
  }
  await mapConcurrently(rows.values(), CONCURRENT_FILES, async (row) => {
    const folder = join(root, 'aggs', shortId(binding.code), `target_${row.target}`, `agg_${row.aggregation_id}`);
    await mkdir(folder, { recursive: true });
    const { source, digest } = binding.targets.find(({ name }) => name === row.target)!;
    await writeJson(folder, RESULT, resultOf(row));
    await writeJson(folder, METADATA, {
      schema_version: 1,
      bundle_ref: binding.bundle_ref,
      code: binding.code,
      provenance_schema: binding.schema,
      target: row.target,
      target_entrypoint: source,
      target_digest: digest,
      param_id: row.param_id,
      n_sim_returns: row.n_replicates,
      timestamp: row.computed_at,
      job_id: row.job_id === '' ? null : row.job_id,
    });
  });
}

function resultOf({ aggregation_id, loss, n_replicates, replicate_mean, standard_error, diagnostics, reason }: AggregationRow): object {
  return { aggregation_id, loss, n_replicates, replicate_mean, standard_error, diagnostics: JSON.parse(diagnostics), reason };
}

async function writeJson(folder: string, file: string, value: object): Promise<void> {
  await writeFile(join(folder, file), `${JSON.stringify(value, null, 2)}\n`);
}
