import { z } from 'zod';

export const envOption = z
  .string()
  .optional()
  .describe('Environment; default: the one of the project, else local')
  .meta({ placeholder: 'NAME' });
