import { isTerminal, type JobState } from '@modelops/contracts';
import { readParquet } from '@modelops/store';
import type { Job, Stores } from '@modelops/worker';
import { readLosses } from '../results/verified-losses.ts';

/** A loss of a parameter set; NaN if there is none. */
export interface SetLoss {
  readonly loss: number;
  readonly replicates: number;
}

/** By target, the losses of parameter sets by `param_id`. */
export type JobLosses = ReadonlyMap<string, ReadonlyMap<string, SetLoss>>;

/** The losses of a job: after its end from `losses.parquet`, before that the aggregations so far. @throws STORE_CORRUPT */
export async function readJobLosses(job: Job, state: JobState, { objects, provenance }: Stores): Promise<JobLosses> {
  const losses = new Map(job.spec.binding.targets.map(({ name }) => [name, new Map<string, SetLoss>()]));
  const file = isTerminal(state.status) ? await readLosses(objects, job.id) : undefined;
  if (file !== undefined) {
    const table = readParquet(file.bytes);
    const [ids, targets] = [table.list<string>('param_id'), table.list<string>('target')];
    const [values, replicates] = [table.list<number | null>('loss'), table.list<number>('n_replicates')];
    for (let row = 0; row < table.rows; row++)
      losses.get(targets[row]!)?.set(ids[row]!, { loss: values[row] ?? Number.NaN, replicates: replicates[row]! });
    return losses;
  }
  // Another attempt may have aggregated fewer replicates of the same set.
  for (const [target, own] of losses)
    for (const { param_id, loss, n_replicates } of (await provenance.aggregations(job.aggs(target))).values())
      if (loss !== null && n_replicates >= (own.get(param_id)?.replicates ?? 0)) own.set(param_id, { loss, replicates: n_replicates });
  return losses;
}
