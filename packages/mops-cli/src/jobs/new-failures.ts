import type { ParamValues, TaskId } from '@modelops/contracts';
import { readTaskError, type TaskError } from '@modelops/model-host';
import { causeOf, type Job, readDones, type Stores } from '@modelops/worker';

/** Tasks that failed for one cause since the last call. */
export interface FailureGroup {
  readonly count: number;
  /** Tasks of the same cause that were returned before. */
  readonly before: number;
  readonly error: TaskError;
  readonly sample: { readonly task_id: TaskId; readonly params: ParamValues; readonly seed: string };
}

/** Returns the failures of a job since the last call, by cause. Reads failures only after a chunk with failures is done. */
export function createFailureReader(
  job: Job,
  { objects, provenance }: Pick<Stores, 'objects' | 'provenance'>,
): () => Promise<FailureGroup[]> {
  const doneBefore = new Set<string>();
  const reported = new Set<TaskId>();
  const counts = new Map<string, number>();
  const hasNewFailures = async (): Promise<boolean> => {
    let found = false;
    for await (const { failed } of readDones(job.id, { objects }, { seen: doneBefore })) found ||= Object.keys(failed).length > 0;
    return found;
  };
  return async () => {
    if (!(await hasNewFailures())) return [];
    const causes = new Map<string, FailureGroup>();
    for (const row of await provenance.failures(job.sims)) {
      if (row.job_id !== job.id || reported.has(row.task_id)) continue;
      reported.add(row.task_id);
      const error = readTaskError(row.error);
      const { key: cause } = causeOf(error);
      const held = causes.get(cause);
      const params = JSON.parse(row.params) as ParamValues;
      const sample = held?.sample ?? { task_id: row.task_id, params, seed: String(row.seed) };
      causes.set(cause, { count: (held?.count ?? 0) + 1, before: counts.get(cause) ?? 0, error: held?.error ?? error, sample });
    }
    for (const [cause, { count, before }] of causes) counts.set(cause, before + count);
    return [...causes.values()];
  };
}
