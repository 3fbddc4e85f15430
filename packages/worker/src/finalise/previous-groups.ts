import { createHash } from 'node:crypto';
import { digestOf, type JobId, keys } from '@modelops/contracts';
import { getBounded, MAX_BYTES, orBad, type RowGroup, readRecord, rowGroupsOf } from '@modelops/store';
import * as z from 'zod';
import type { Job, Stores } from '../job-context.ts';
import type { LossParameter, LossRow } from './loss-rows.ts';

/** Raised when the same rows get other bytes: groups of earlier programs are then not copied. */
const FORMAT = 2;

/**
 * The digest of what determines the bytes of a row group: the rows, and the job from which their parameters and constants are derived. The values of
 * the job's own parameter sets are not read: a job keeps its study.
 */
export function rowsDigest({ id, spec }: Job, parameters: readonly LossParameter[], rows: readonly LossRow[]): string {
  const hash = createHash('sha256');
  const { parameter_sets: _, ...study } = spec.study;
  hash.update(JSON.stringify([FORMAT, id, spec.binding, study, parameters, rows[0]?.set ?? null, rows[0]?.target ?? null, rows.length]));
  const numbers = new Float64Array(6 * rows.length);
  const reasons: [number, string][] = [];
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    numbers[6 * at] = row.loss ?? Number.NaN;
    numbers[6 * at + 1] = row.n_replicates;
    numbers[6 * at + 2] = row.cache_hit ? -1 - row.n_failed : row.n_failed;
    numbers[6 * at + 3] = row.replicate_mean ?? Number.NaN;
    numbers[6 * at + 4] = row.standard_error ?? Number.NaN;
    numbers[6 * at + 5] = row.computed_at ?? Number.NaN;
    if (row.reason !== null) reasons.push([at, row.reason]);
  }
  hash.update(numbers).update(JSON.stringify(reasons));
  return `sha256:${hash.digest('hex')}`;
}

const manifestSchema = z.lazy(() =>
  z.object({
    files: z.object({ 'losses.parquet': z.object({ digest: z.string(), row_groups: z.array(z.string()) }) }),
  }),
);

/** The row groups of a job's previous losses, by {@link rowsDigest}; none if there are no losses, or if they are damaged or of an older version. */
export async function previousGroups(job: JobId, { objects }: Stores): Promise<ReadonlyMap<string, RowGroup>> {
  const groups = await orBad(async () => {
    const manifest = await readRecord(objects, `${keys.results(job)}manifest.json`, manifestSchema, MAX_BYTES.manifest);
    const losses = manifest && (await getBounded(objects, `${keys.results(job)}losses.parquet`, MAX_BYTES.output));
    if (losses === undefined) return undefined;
    const { digest, row_groups } = manifest!.files['losses.parquet'];
    const found = digestOf(losses.bytes) === digest ? rowGroupsOf(losses.bytes) : [];
    return found.length === row_groups.length ? new Map(row_groups.map((rows, at) => [rows, found[at]!])) : undefined;
  });
  return groups instanceof Map ? groups : new Map();
}
