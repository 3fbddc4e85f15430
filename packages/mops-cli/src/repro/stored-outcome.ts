import type { OutputTable, TaskId } from '@modelops/contracts';
import { readTaskError, type TaskError } from '@modelops/model-host';
import type { Job, Stores } from '@modelops/worker';
import type { ReproReport } from '../documents/runs.ts';

/** The worker and job that computed a stored outcome, and when. */
type Origin = Omit<NonNullable<ReproReport['stored']>, 'status'>;

/** The stored outcome of a task. */
export type StoredOutcome =
  | ({ readonly state: 'ok'; readonly outputs: Readonly<Record<string, OutputTable>> } & Origin)
  /** The outputs of the result were deleted (`mops store gc`). */
  | ({ readonly state: 'evicted' } & Origin)
  | ({ readonly state: 'failed'; readonly error: TaskError } & Origin)
  | { readonly state: 'none' };

/** Reads the stored outcome of a task; outputs are checked against their digests. */
export async function readStoredOutcome(job: Job, id: TaskId, { provenance }: Pick<Stores, 'provenance'>): Promise<StoredOutcome> {
  const existing = await provenance.existing(job.sims, { relist: true });
  if (existing.has(id)) {
    const [row] = await provenance.rows(job.sims, [id]);
    const outputs: Record<string, OutputTable> = {};
    let [isMissing, isEvicted] = [row === undefined, false];
    for (const output of job.spec.binding.outputs) {
      const { table, missing, evicted } = await provenance.readOutput(job.sims, [id], output);
      isMissing ||= missing.length > evicted.length;
      isEvicted ||= evicted.length > 0;
      outputs[output] = table;
    }
    if (!isMissing) {
      const origin = { worker: row!.worker, at: new Date(row!.started_at).toISOString(), by_job: row!.job_id };
      return isEvicted ? { state: 'evicted', ...origin } : { state: 'ok', outputs, ...origin };
    }
  }
  const failure = (await provenance.failures(job.sims)).find((row) => row.task_id === id);
  if (failure === undefined) return { state: 'none' };
  const { error, started_at, job_id } = failure;
  return { state: 'failed', error: readTaskError(error), worker: null, at: new Date(started_at).toISOString(), by_job: job_id };
}
