import * as z from 'zod';
import { document } from './document.ts';

/** The document that `--json` prints on stderr when a command fails. */
export const errorDocument = document('modelops.error/v1', {
  error: z.union([
    z.strictObject({
      code: z.string(),
      message: z.string(),
      hint: z.string().exactOptional(),
      problems: z.array(z.strictObject({ path: z.string(), message: z.string(), fix: z.string().exactOptional() })),
      causes: z.array(z.string()),
      exit: z.int(),
      retryable: z.boolean(),
    }),
    z.strictObject({ code: z.literal('DEFECT'), message: z.string(), exit: z.literal(1), stack: z.string() }),
  ]),
});
