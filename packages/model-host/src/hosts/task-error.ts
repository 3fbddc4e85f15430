import * as z from 'zod';

export const taskErrorSchema = z.object({
  /** `exception`, or how the host ended. */
  kind: z.enum(['exception', 'crash', 'timeout', 'out_of_memory']).catch('crash'),
  type: z.string().catch('Unknown'),
  message: z.string().catch('no message was recorded'),
  traceback: z.string().exactOptional(),
  stderr_tail: z.string().exactOptional(),
});

/** Why a task has no result, as data. */
export type TaskError = Readonly<z.output<typeof taskErrorSchema>>;

/** The error of a failed row; what another version recorded otherwise reads as an unknown crash, since a report must not fail for it. */
export function readTaskError(json: string | null): TaskError {
  try {
    return taskErrorSchema.parse(JSON.parse(json ?? '{}'));
  } catch {
    return taskErrorSchema.parse({});
  }
}
