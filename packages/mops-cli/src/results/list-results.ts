import { isModelOpsError } from '@modelops/contracts';
import type { JobFilter } from '@modelops/store';
import { mapConcurrently } from '@modelops/system';
import type { Stores } from '@modelops/worker';
import * as z from 'zod';
import { readDocument } from './verified-losses.ts';

/** The part of `results/<job>/summary.json` that a listing shows. */
const summarySchema = z.object({
  targets: z.array(
    z.object({
      target: z.string(),
      losses: z.int(),
      nulls: z.int(),
      best: z
        .object({ param_id: z.string(), params: z.record(z.string(), z.union([z.boolean(), z.number(), z.string()])), loss: z.number() })
        .nullable(),
    }),
  ),
});

/** A job and its lowest loss for each target; `targets` is null while it has no results. */
export type JobResults = Awaited<ReturnType<typeof listResults>>[number];
export type TargetResults = NonNullable<JobResults['targets']>[number];

/** Maximum number of summaries read concurrently. */
const CONCURRENCY = 16;

/** Jobs, newest first, with their lowest losses. A damaged record or summary is reported, and the rest listed. */
export async function listResults(
  filter: JobFilter,
  { registry, objects }: Pick<Stores, 'registry' | 'objects'>,
  onUnreadable: (problem: string) => void,
) {
  const states = registry.list({ ...filter, onUnreadable: (id, error) => onUnreadable(`${id}: ${error.message}`) });
  return mapConcurrently(states, CONCURRENCY, async ({ job_id: job, name, status, created_at, tasks_total: tasks }) => {
    const summary = await readDocument(objects, job, 'summary.json', summarySchema).catch((error: unknown) => {
      if (!isModelOpsError(error, 'STORE_CORRUPT')) throw error;
      onUnreadable(error.message);
    });
    return { job, name, status, created_at, tasks, targets: summary?.targets ?? null };
  });
}
