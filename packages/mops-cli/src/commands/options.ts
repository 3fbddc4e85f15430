import { JOB_STATUSES, ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';

/** Options that several commands share, so that they are one word everywhere. */
export const envOption = z
  .string()
  .optional()
  .describe('Environment; default: the one of the project, else local')
  .meta({ placeholder: 'NAME' });
export const jobArgument = z.string().describe('Job id; may be shortened where unambiguous');
export const jobsArgument = z.array(z.string()).default([]).describe('Job ids; each may be shortened where unambiguous');
/** Filters that choose jobs in place of ids. */
export const filterOptions = {
  status: z.array(z.enum(JOB_STATUSES)).default([]).describe('Jobs in these states').meta({ placeholder: 'STATUS' }),
  label: z.record(z.string(), z.string()).default({}).describe('Jobs with this label'),
  since: z.string().optional().describe('Jobs made since: 2026-11-25, 2026-11-25T10:00Z, 90min, 12h, 7d').meta({ placeholder: 'TIME' }),
  until: z.string().optional().describe('Jobs made until').meta({ placeholder: 'TIME' }),
};
export const resultArgument = z.string().describe('Task id, which may be shortened where unambiguous, or provenance path');
export const timeoutOption = z
  .number()
  .positive()
  .optional()
  .describe('Stop waiting after so many seconds; the job goes on')
  .meta({ placeholder: 'SECONDS' });

/** A timeout ends a wait, and no job. @throws USAGE where nothing is waited for */
export function refuseIdleTimeout(timeout: number | undefined, isWaited: boolean): void {
  if (timeout !== undefined && !isWaited)
    throw new ModelOpsError('USAGE', '--timeout ends a wait, and nothing is waited for', { hint: 'add --wait, or leave out --timeout' });
}
