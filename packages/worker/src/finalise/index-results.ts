import { digestOf, keys, type ParamValue } from '@modelops/contracts';
import { writeParquet } from '@modelops/store';
import { chunkDoneSchema } from '../chunk/chunk-record.ts';
import { type Job, jsonBytes, type Stores } from '../job-context.ts';
import { explainFailures, type FailureReport } from './explain-failures.ts';
import { summarise } from './summarise.ts';
import type { VerifiedOutputs } from './verify-outputs.ts';

/** One row of `losses.parquet`: a parameter set × target. */
export interface LossRow {
  readonly set: number;
  readonly target: string;
  readonly loss: number | null;
  readonly n_replicates: number;
  readonly n_failed: number;
  readonly computed_at: string | null;
  readonly cache_hit: boolean;
  readonly reason: string | null;
}

/** Writes `results/<job>/{losses.parquet, manifest.json, summary.json}`; again, it writes the same bytes. */
export async function indexResults(job: Job, outputs: VerifiedOutputs, stores: Stores): Promise<void> {
  const failures = outputs.missingCount > 0 ? await explainFailures(job, stores) : { bySet: new Map(), byCause: [] };
  const rows = lossRows(job, outputs, failures);
  const losses = await writeParquet(lossColumns(job, rows));
  const prefix = keys.results(job.id);
  const summary = summarise(job, rows, failures, await modelMilliseconds(job, stores));
  const manifest = {
    schema: 'modelops.results.manifest/v1',
    job_id: job.id,
    study: { model: job.spec.study.model, scenario: job.spec.study.scenario, sampling_method: job.spec.study.sampling_method },
    bundle_ref: job.spec.binding.bundle_ref,
    bundle_digest: job.spec.binding.bundle_digest,
    model_digest: job.spec.binding.model_digest,
    entrypoint: job.spec.binding.entrypoint,
    targets: job.spec.binding.targets,
    counts: {
      parameter_sets: job.tasks.groupCount,
      simulations: job.tasks.count,
      verified: outputs.verified,
      missing: outputs.missingCount,
      losses: rows.filter(({ loss }) => loss !== null).length,
    },
    files: { 'losses.parquet': { digest: digestOf(losses), bytes: losses.byteLength, rows: rows.length } },
  };
  await stores.objects.put(`${prefix}losses.parquet`, losses);
  await stores.objects.put(`${prefix}summary.json`, jsonBytes(summary));
  await stores.objects.put(`${prefix}manifest.json`, jsonBytes(manifest));
}

function lossRows(job: Job, { aggregations, existingIn }: VerifiedOutputs, failures: FailureReport): LossRow[] {
  return aggregations.map(({ set, target, row }) => {
    const { param_id } = job.tasks.paramsAt(set);
    const { start, end } = job.tasks.groupAt(set);
    const lacking = end - start - existingIn[set]!;
    const failed = failures.bySet.get(param_id);
    const common = { set, target, n_failed: failed?.count ?? 0 };
    if (row === undefined) {
      const reason =
        lacking > 0
          ? `${lacking} of ${end - start} replicates missing${failed === undefined ? '' : `: ${failed.sample}`}`
          : 'not aggregated';
      return { ...common, loss: null, n_replicates: existingIn[set]!, computed_at: null, cache_hit: false, reason };
    }
    return {
      ...common,
      loss: row.loss,
      n_replicates: row.n_replicates,
      computed_at: row.computed_at,
      cache_hit: row.job_id !== job.id,
      reason: row.reason,
    };
  });
}

function lossColumns(job: Job, rows: readonly LossRow[]) {
  const { binding, study } = job.spec;
  const text = (name: string, values: (string | null)[]) => ({ name, type: 'utf8' as const, values });
  const same = (name: string, value: string) =>
    text(
      name,
      rows.map(() => value),
    );
  const values = rows.map(({ set }) => job.tasks.paramsAt(set).values);
  const names = [...new Set(values.flatMap((params) => Object.keys(params)))];
  return [
    same('job_id', job.id),
    text(
      'param_id',
      rows.map(({ set }) => job.tasks.paramsAt(set).param_id),
    ),
    ...names.map((name) =>
      paramColumn(
        `param_${name}`,
        values.map((params) => params[name] ?? null),
      ),
    ),
    text(
      'target',
      rows.map(({ target }) => target),
    ),
    { name: 'loss', type: 'float64' as const, values: rows.map(({ loss }) => loss) },
    { name: 'n_replicates', type: 'int32' as const, values: rows.map((row) => row.n_replicates) },
    { name: 'n_failed', type: 'int32' as const, values: rows.map((row) => row.n_failed) },
    same('bundle_digest', binding.bundle_digest),
    same('model_digest', binding.model_digest),
    same('entrypoint', binding.entrypoint),
    same('scenario', study.scenario),
    text(
      'computed_at',
      rows.map((row) => row.computed_at),
    ),
    { name: 'cache_hit', type: 'bool' as const, values: rows.map((row) => row.cache_hit) },
    text(
      'reason',
      rows.map(({ reason }) => reason),
    ),
  ];
}

/** Numbers as doubles, booleans as booleans; text, and parameters of mixed kinds, as text. */
function paramColumn(name: string, values: readonly (ParamValue | null)[]) {
  const kinds = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  if (kinds.size === 1 && kinds.has('number')) return { name, type: 'float64' as const, values: values as (number | null)[] };
  if (kinds.size === 1 && kinds.has('boolean')) return { name, type: 'bool' as const, values: values as (boolean | null)[] };
  return { name, type: 'utf8' as const, values: values.map((value) => (value === null ? null : String(value))) };
}

/** Model time over all attempts' chunks, milliseconds. */
async function modelMilliseconds(job: Job, { objects }: Stores): Promise<number> {
  let total = 0;
  const prefix = `${keys.job(job.id)}attempts/`;
  for await (const { key } of objects.list(prefix)) {
    if (!/\/done\/\d+$/.test(key)) continue;
    const object = await objects.get(key);
    if (object !== undefined) total += chunkDoneSchema.parse(JSON.parse(new TextDecoder().decode(object.bytes))).model_ms;
  }
  return total;
}
