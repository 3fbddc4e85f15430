import { type JobId, keys } from '@modelops/contracts';
import { type ObjectStore, orBad, readRecord } from '@modelops/store';
import { iterateConcurrently } from '@modelops/system';
import * as z from 'zod';

/** `attempts/<n>/done/<chunk>`: the outcome of a chunk. It exists only after every result of the chunk is in the store. */
export const chunkDoneSchema = z.lazy(() =>
  z.object({
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
  }),
);

export type ChunkDone = Readonly<z.output<typeof chunkDoneSchema>>;

/** Concurrent requests. */
const CONCURRENT = 16;

export interface ReadDonesOptions {
  /** Keys that are left out; those that are read are added. */
  readonly seen?: Set<string>;
  /** Default: all attempts. */
  readonly attempt?: number;
}

/**
 * The `done` records of a job, in key order. They are statistics: a
 * damaged one is left out, and `mops store check` names it.
 */
export async function* readDones(
  job: JobId,
  { objects }: { readonly objects: ObjectStore },
  { seen = new Set(), attempt }: ReadDonesOptions = {},
): AsyncGenerator<ChunkDone, void, undefined> {
  const found: string[] = [];
  for await (const { key } of objects.list(attempt === undefined ? `${keys.job(job)}attempts/` : keys.dones(job, attempt), {
    keysOnly: true,
  }))
    if (/\/done\/\d+$/.test(key) && !seen.has(key)) found.push(key);
  const read = async (key: string) => ({ key, done: await orBad(() => readRecord(objects, key, chunkDoneSchema)) });
  for await (const { key, done } of iterateConcurrently(found, CONCURRENT, read)) {
    if (done === undefined) continue; // deleted since it was listed
    seen.add(key);
    if (!('bad' in done)) yield done;
  }
}
