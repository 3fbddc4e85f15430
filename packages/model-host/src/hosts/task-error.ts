import * as z from 'zod';

export const taskErrorSchema = z.lazy(() =>
  z.object({
    /** `exception`, or how the host ended. */
    kind: z.enum(['exception', 'crash', 'timeout', 'out_of_memory']).catch('crash'),
    type: z.string().catch('Unknown'),
    message: z.string().catch('no message was recorded'),
    traceback: z.string().exactOptional(),
    stderr_tail: z.string().exactOptional(),
  }),
);

/** Why a task has no result, as data. */
export type TaskError = Readonly<z.output<typeof taskErrorSchema>>;

/** Parses the error of a failed row. An unknown format is read as an unknown crash, so that reports do not fail. */
export function readTaskError(json: string | null): TaskError {
  try {
    return taskErrorSchema.parse(JSON.parse(json ?? '{}'));
  } catch {
    return taskErrorSchema.parse({});
  }
}
