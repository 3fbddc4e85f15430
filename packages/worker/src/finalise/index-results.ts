import { digestOf, keys } from '@modelops/contracts';
import { writeParquet } from '@modelops/store';
import { readDones } from '../chunk/done-records.ts';
import { type Job, jsonBytes, type Stores } from '../job-context.ts';
import { explainFailures } from './explain-failures.ts';
import { lossColumns, lossRows } from './loss-rows.ts';
import { summarise } from './summarise.ts';
import type { VerifiedOutputs } from './verify-outputs.ts';

/**
 * Writes `results/<job>/{losses.parquet, manifest.json, summary.json}`; repeated calls write the same bytes. Returns false if another process wrote
 * different bytes meanwhile, because it saw other outputs: list the outputs again and repeat, so the final files are consistent.
 */
export async function indexResults(job: Job, outputs: VerifiedOutputs, stores: Stores): Promise<boolean> {
  const failures = outputs.missingCount > 0 ? await explainFailures(job, stores) : { bySet: new Map(), byCause: [], pointsByCause: [] };
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
  const files = {
    [`${prefix}losses.parquet`]: losses,
    [`${prefix}summary.json`]: jsonBytes(summary),
    [`${prefix}manifest.json`]: jsonBytes(manifest),
  };
  for (const [key, bytes] of Object.entries(files)) await stores.objects.put(key, bytes);
  for (const [key, bytes] of Object.entries(files)) if (!(await holds(stores, key, bytes))) return false;
  return true;
}

async function holds({ objects }: Stores, key: string, bytes: Uint8Array): Promise<boolean> {
  const object = await objects.get(key);
  return object !== undefined && Buffer.compare(object.bytes, bytes) === 0;
}

/** Model time of all attempts' chunks, in milliseconds. */
async function modelMilliseconds(job: Job, stores: Stores): Promise<number> {
  let total = 0;
  for await (const { model_ms } of readDones(job.id, stores)) total += model_ms;
  return total;
}
