import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job, Stores } from '@modelops/worker';
import { readLosses } from '../verified-losses.ts';
import { COMPUTED_AT } from '../views/definitions.ts';
import { convertParquet } from './convert-parquet.ts';
import type { Layout } from './exported-results.ts';

/** R and spreadsheets read ISO 8601. */
const ISO_TIME = "strftime(TRY_CAST(computed_at AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ') AS computed_at";

/** Writes the losses of a job into the export and returns the file's name: `losses.<extension>`, or `job_losses` if an output is named losses. */
export async function writeLosses(job: Job, layout: Layout, dir: string, { objects }: Pick<Stores, 'objects'>): Promise<string | null> {
  const losses = await readLosses(objects, job.id);
  if (losses === undefined || job.spec.binding.targets.length === 0) return null;
  const name = job.spec.binding.outputs.some((output) => output.toLowerCase() === 'losses') ? 'job_losses' : 'losses';
  const extension = layout === 'csv' || layout === 'arrow' ? layout : 'parquet';
  await writeFile(join(dir, `${name}.stored`), losses.bytes);
  await convertParquet(
    join(dir, `${name}.stored`),
    join(dir, `${name}.${extension}`),
    `* REPLACE (${extension === 'csv' ? ISO_TIME : COMPUTED_AT})`,
  );
  return `${name}.${extension}`;
}
