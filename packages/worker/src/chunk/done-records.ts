import { isModelOpsError, type JobId, keys, parseJson } from '@modelops/contracts';
import { getBounded, MAX_BYTES, type ObjectStore } from '@modelops/store';
import { iterateConcurrently } from '@modelops/system';
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
  const read = async (key: string) => ({ key, done: await readDone(objects, key) });
  for await (const { key, done } of iterateConcurrently(found, CONCURRENT, read)) {
    if (done === 'gone') continue;
    seen.add(key);
    if (done !== 'damaged') yield done;
  }
}

async function readDone(objects: ObjectStore, key: string): Promise<ChunkDone | 'gone' | 'damaged'> {
  try {
    const object = await getBounded(objects, key, MAX_BYTES.record);
    if (object === undefined) return 'gone';
    return parseJson(new TextDecoder().decode(object.bytes), chunkDoneSchema, { source: key, code: 'STORE_CORRUPT' });
  } catch (error) {
    if (isModelOpsError(error) && error.code === 'STORE_CORRUPT') return 'damaged';
    throw error;
  }
}
