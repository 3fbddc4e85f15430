import type { ReadonlyData } from '@modelops/cli-kit/document';
import { JOB_STATUSES, ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';

/** Options that several commands share, described once. */
export const envOption = z
  .string()
  .optional()
  .describe('Environment (default: the project’s, otherwise local)')
  .meta({ placeholder: 'NAME' });
export const jobArgument = z.string().describe('Job id, or an unambiguous prefix');
export const jobsArgument = z.array(z.string()).default([]).describe('Job ids, or unambiguous prefixes');
/** Filters that select jobs instead of ids. */
export const filterOptions = {
  status: z.array(z.enum(JOB_STATUSES)).default([]).describe('Only jobs in these states').meta({ placeholder: 'STATUS' }),
  label: z.record(z.string(), z.string()).default({}).describe('Only jobs with this label'),
  since: z
    .string()
    .optional()
    .describe('Only jobs created after this time: 2026-11-25, 2026-11-25T10:00Z, or an age: 90min, 12h, 7d')
    .meta({ placeholder: 'TIME' }),
  until: z.string().optional().describe('Only jobs created before this time').meta({ placeholder: 'TIME' }),
};
export type JobFilters = ReadonlyData<z.output<z.ZodObject<typeof filterOptions>>>;

/** Arguments and options of a command on jobs that are named by ids, or selected by filters. */
export function jobsInput<Own extends z.ZodRawShape>(own: Own) {
  return { args: z.object({ job: jobsArgument }), options: z.object({ ...own, ...filterOptions, env: envOption }) };
}

export const resultArgument = z.string().describe('Task id, an unambiguous prefix, or a provenance path');
export const timeoutOption = z
  .number()
  .positive()
  .optional()
  .describe('Stop waiting after this many seconds; the job continues')
  .meta({ placeholder: 'SECONDS' });

/** A timeout ends the wait, not the job. @throws USAGE without a wait */
export function refuseIdleTimeout(timeout: number | undefined, isWaited: boolean): void {
  if (timeout !== undefined && !isWaited)
    throw new ModelOpsError('USAGE', '--timeout needs --wait', { hint: 'add --wait or remove --timeout' });
}

/** Number of workers of an attempt, and of tasks that each runs concurrently. */
export const widthOptions = {
  workers: z.int().min(1).max(100_000).optional().describe('Number of workers (default: 1, or the setting of the cluster)'),
  slots: z.int().min(1).max(1024).optional().describe('Tasks that each worker runs concurrently (default: one per core)'),
} as const;
