import { digestOf, isJobId, type JobId, keys, ModelOpsError } from '@modelops/contracts';
import { getBounded, MAX_BYTES, type ObjectStore, readRecord } from '@modelops/store';
import * as z from 'zod';

const manifestSchema = z.object({ files: z.object({ 'losses.parquet': z.object({ digest: z.string() }) }) });

/** Validation writes the losses before the manifest: a reader in between must read both again. */
const MOST_READS = 3;

/** The jobs that have a folder of results. */
export async function* jobsWithResults(objects: ObjectStore): AsyncGenerator<JobId> {
  for await (const { key } of objects.list('results/', { delimiter: '/' })) {
    const name = key.slice('results/'.length, -1);
    if (isJobId(name)) yield name;
  }
}

/** The parts of a document of a job's results that the schema names; undefined if the job has no results yet. @throws STORE_CORRUPT */
export function readDocument<S extends z.ZodType>(objects: ObjectStore, job: JobId, file: 'manifest.json' | 'summary.json', schema: S) {
  return readRecord(objects, `${keys.results(job)}${file}`, schema, MAX_BYTES.manifest);
}

/** The digest of a job's losses from its manifest; undefined if the job has no results yet. @throws STORE_CORRUPT */
export async function lossesDigest(objects: ObjectStore, job: JobId): Promise<string | undefined> {
  return (await readDocument(objects, job, 'manifest.json', manifestSchema))?.files['losses.parquet'].digest;
}

/** The bytes of a job's `losses.parquet`, checked against its manifest; undefined if the job has no results yet. @throws STORE_CORRUPT */
export async function readLosses(objects: ObjectStore, job: JobId): Promise<{ bytes: Uint8Array; digest: string } | undefined> {
  const key = `${keys.results(job)}losses.parquet`;
  for (let read = 1; ; read++) {
    const digest = await lossesDigest(objects, job);
    const object = await getBounded(objects, key, MAX_BYTES.output);
    if (digest === undefined || object === undefined) return undefined;
    if (digestOf(object.bytes) === digest) return { bytes: object.bytes, digest };
    if (read === MOST_READS)
      throw new ModelOpsError(
        'STORE_CORRUPT',
        `${key} has changed since it was written: its digest differs from the one in manifest.json`,
        {
          hint: `mops results reindex ${job}`,
        },
      );
  }
}
