import { digestOf, jsonBytes, keys } from '@modelops/contracts';
import { encodeRowGroup, joinRowGroups, type RowGroup } from '@modelops/store';
import { readDones } from '../chunk/done-records.ts';
import type { Job, Stores } from '../job-context.ts';
import { explainFailures, type FailureReport } from './explain-failures.ts';
import { type LossParameter, lossColumns, lossParameters, lossRows } from './loss-rows.ts';
import { previousGroups, rowsDigest } from './previous-groups.ts';
import { summarise, type TargetLosses } from './summarise.ts';
import type { VerifiedOutputs } from './verify-outputs.ts';

/**
 * Writes `results/<job>/{losses.parquet, manifest.json, summary.json}`; repeated calls write the same bytes. The losses are written in row groups, and
 * those that the previous losses have are copied from there. Returns false if another process wrote different bytes meanwhile, because it saw other
 * outputs: list the outputs again and repeat, so the final files are consistent.
 */
export async function indexResults(job: Job, outputs: VerifiedOutputs, stores: Stores, groupRows = GROUP_ROWS): Promise<boolean> {
  const failures = outputs.missingCount > 0 ? await explainFailures(job, stores) : { bySet: new Map(), byCause: [], pointsByCause: [] };
  const parameters = lossParameters(job);
  const { losses, byTarget, row_groups } = await encodeLosses(job, parameters, outputs, failures, stores, groupRows);
  const prefix = keys.results(job.id);
  const { targets } = job.spec.binding;
  const rowOf = (set: number, target: string) => {
    const at = set * targets.length + targets.findIndex(({ name }) => name === target);
    return lossRows(job, outputs, failures, [at, at + 1])[0]!;
  };
  const summed = summarise(job, { byTarget, parameters, rowOf }, failures, await modelMilliseconds(job, stores));
  const summary = jsonBytes(summed);
  const manifest = {
    schema: 'modelops.results.manifest/v1',
    job_id: job.id,
    study: { model: job.spec.study.model, scenario: job.spec.study.scenario, sampling_method: job.spec.study.sampling_method },
    bundle_ref: job.spec.binding.bundle_ref,
    bundle_digest: job.spec.binding.bundle_digest,
    model_digest: job.spec.binding.model_digest,
    entrypoint: job.spec.binding.entrypoint,
    targets,
    counts: {
      parameter_sets: job.tasks.groupCount,
      simulations: job.tasks.count,
      verified: outputs.verified,
      missing: outputs.missingCount,
      losses: summed.targets.reduce((sum, target) => sum + target.losses, 0),
    },
    files: {
      'losses.parquet': { digest: digestOf(losses), bytes: losses.byteLength, rows: outputs.aggregations.length, row_groups },
      'summary.json': { digest: digestOf(summary), bytes: summary.byteLength },
    },
  };
  const files = {
    [`${prefix}losses.parquet`]: losses,
    [`${prefix}summary.json`]: summary,
    [`${prefix}manifest.json`]: jsonBytes(manifest),
  };
  for (const [key, bytes] of Object.entries(files)) await stores.objects.put(key, bytes);
  for (const [key, bytes] of Object.entries(files)) if (!(await holds(stores, key, bytes))) return false;
  return true;
}

/** Rows of a row group, 1 MiB of doubles: what is in memory at once besides the compressed groups. */
const GROUP_ROWS = 131_072;

/** The losses, also as a Parquet file, and the digest of the contents of each of its row groups. */
async function encodeLosses(
  job: Job,
  parameters: readonly LossParameter[],
  outputs: VerifiedOutputs,
  failures: FailureReport,
  stores: Stores,
  groupRows: number,
): Promise<{ losses: Uint8Array; byTarget: TargetLosses; row_groups: string[] }> {
  const previous = await previousGroups(job.id, stores);
  const groups: RowGroup[] = [];
  const row_groups: string[] = [];
  const setsWithout = () => new Float64Array(job.tasks.groupCount).fill(Number.NaN);
  const byTarget = new Map(job.spec.binding.targets.map(({ name }) => [name, setsWithout()]));
  const { length } = outputs.aggregations;
  for (let start = 0; start === 0 || start < length; start += groupRows) {
    const rows = lossRows(job, outputs, failures, [start, Math.min(length, start + groupRows)]);
    for (const { set, target, loss } of rows) byTarget.get(target)![set] = loss ?? Number.NaN;
    const digest = rowsDigest(job, parameters, rows);
    row_groups.push(digest);
    groups.push(previous.get(digest) ?? encodeRowGroup(lossColumns(job, parameters, rows)));
  }
  return { losses: joinRowGroups(groups), byTarget, row_groups };
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
