import * as z from 'zod';

/** `attempts/<n>/done/<chunk>`: the outcome of a chunk. It exists only after every result of the chunk is in the store. */
export const chunkDoneSchema = z.object({
  chunk: z.int(),
  index: z.int(),
  tasks: z.int(),
  computed: z.int(),
  reused: z.int(),
  failed: z.record(z.string(), z.int()),
  packs: z.array(z.string()),
  /** Milliseconds of model time, summed over tasks. */
  model_ms: z.number(),
  started_at: z.string(),
  ended_at: z.string(),
});

export type ChunkDone = Readonly<z.output<typeof chunkDoneSchema>>;
