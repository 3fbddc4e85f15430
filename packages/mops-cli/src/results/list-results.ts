import { isModelOpsError, type JobId, type JobState, keys, parseJson } from '@modelops/contracts';
import { getBounded, type JobFilter, MAX_BYTES } from '@modelops/store';
import { mapConcurrently } from '@modelops/system';
import type { Stores } from '@modelops/worker';
import * as z from 'zod';

const paramValue = z.union([z.boolean(), z.number(), z.string()]);

/** The part of `results/<job>/summary.json` that a listing shows. */
const summarySchema = z.object({
  targets: z.array(
    z.object({
      target: z.string(),
      losses: z.int(),
      nulls: z.int(),
      best: z.object({ param_id: z.string(), params: z.record(z.string(), paramValue), loss: z.number() }).nullable(),
    }),
  ),
});

export type TargetResults = Readonly<z.output<typeof summarySchema>['targets'][number]>;

/** A job and its lowest loss for each target; `targets` is null while it has no results. */
export interface JobResults {
  readonly job: JobId;
  readonly name: string | null;
  readonly status: JobState['status'];
  readonly created_at: string;
  readonly tasks: number;
  readonly targets: readonly TargetResults[] | null;
}

/** Maximum number of summaries read concurrently. */
const CONCURRENCY = 16;

/** Jobs, newest first, with their lowest losses. A damaged record or summary is reported, and the rest listed. */
export async function listResults(
  filter: JobFilter,
  { registry, objects }: Pick<Stores, 'registry' | 'objects'>,
  onUnreadable: (problem: string) => void,
): Promise<JobResults[]> {
  const states = registry.list({ ...filter, onUnreadable: (id, error) => onUnreadable(`${id}: ${error.message}`) });
  return mapConcurrently(states, CONCURRENCY, async ({ job_id: job, name, status, created_at, tasks_total: tasks }) => {
    const source = `${keys.results(job)}summary.json`;
    try {
      const object = await getBounded(objects, source, MAX_BYTES.manifest);
      const summary = object && parseJson(new TextDecoder().decode(object.bytes), summarySchema, { source, code: 'STORE_CORRUPT' });
      return { job, name, status, created_at, tasks, targets: summary?.targets ?? null };
    } catch (error) {
      if (!isModelOpsError(error, 'STORE_CORRUPT')) throw error;
      onUnreadable(error.message);
      return { job, name, status, created_at, tasks, targets: null };
    }
  });
}
