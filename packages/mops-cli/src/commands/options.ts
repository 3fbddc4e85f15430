import { z } from 'zod';

/** Options that several commands share, so that they are one word everywhere. */
export const envOption = z
  .string()
  .optional()
  .describe('Environment; default: the one of the project, else local')
  .meta({ placeholder: 'NAME' });
export const jobArgument = z.string().describe('Job id; may be shortened where unambiguous');
export const timeoutOption = z
  .number()
  .positive()
  .optional()
  .describe('Stop waiting after so many seconds; the job goes on')
  .meta({ placeholder: 'SECONDS' });
