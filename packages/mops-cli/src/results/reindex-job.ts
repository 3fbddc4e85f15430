import { digestOf, isTerminal, type JobId, keys, ModelOpsError } from '@modelops/contracts';
import { getBounded, MAX_BYTES } from '@modelops/store';
import { createJob, indexOutputs, type Stores } from '@modelops/worker';
import type { ReindexReport } from '../documents/results.ts';

/**
 * Writes `results/<job>/` again from the outputs that exist. Runs and evaluates nothing, and does not change the state of the job.
 * @throws ILLEGAL_TRANSITION for a job that has not ended: it is indexed when it ends
 */
export async function reindexJob(id: JobId, stores: Stores): Promise<ReindexReport> {
  const { status } = await stores.registry.state(id);
  if (!isTerminal(status))
    throw new ModelOpsError('ILLEGAL_TRANSITION', `${id} is ${status}: its results are indexed when it ends`, {
      hint: `mops jobs wait ${id}`,
    });
  const before = await digestsOf(id, stores);
  const { aggregations } = await indexOutputs(createJob(await stores.registry.spec(id)), stores);
  const after = await digestsOf(id, stores);
  let losses = 0;
  for (const { row } of aggregations) if (typeof row?.loss === 'number') losses++;
  return { job: id, status, rows: aggregations.length, losses, changed: before.some((digest, at) => digest !== after[at]) };
}

/** The digest of each file of a job's results; undefined for one that is missing. */
function digestsOf(id: JobId, { objects }: Stores): Promise<(string | undefined)[]> {
  return Promise.all(
    ['losses.parquet', 'manifest.json', 'summary.json'].map(async (name) => {
      const object = await getBounded(objects, `${keys.results(id)}${name}`, MAX_BYTES.output);
      return object && digestOf(object.bytes);
    }),
  );
}
