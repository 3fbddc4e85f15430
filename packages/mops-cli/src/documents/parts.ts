import type { ReadonlyData } from '@modelops/cli-kit/document';
import { JOB_STATUSES } from '@modelops/contracts';
import * as z from 'zod';

/** Pieces of several documents. */
export const params = z.record(z.string(), z.union([z.boolean(), z.number(), z.string()]));
/** Above 2^53 as decimal text. */
export const seed = z.union([z.int(), z.string()]);
export const status = z.enum(JOB_STATUSES);
export const missing = z.strictObject({ count: z.int(), first: z.array(z.string()) });
export const problem = z.strictObject({ reason: z.string(), message: z.string() });

export const taskError = z.strictObject({
  kind: z.enum(['exception', 'crash', 'timeout', 'out_of_memory']),
  type: z.string(),
  message: z.string(),
  traceback: z.string().exactOptional(),
  stderr_tail: z.string().exactOptional(),
});

export const task = z.strictObject({
  task_id: z.string(),
  index: z.int().describe('Its number in the job, from 0'),
  param_id: z.string(),
  params,
  seed,
  path: z.string().describe('Logical path of its result'),
});
/** A task of a job. */
export type TaskDescription = ReadonlyData<z.output<typeof task>>;
