import { type JobId, keys, parseJson } from '@modelops/contracts';
import type { ObjectStore } from '@modelops/store';
import { iterateConcurrently } from '@modelops/system';
import { type ChunkDone, chunkDoneSchema } from './chunk-record.ts';

/** Concurrent requests. */
const CONCURRENT = 16;

/** The `done` records of all attempts of a job, in key order, except those in `seen`, to which the keys read are added. @throws STORE_CORRUPT */
export async function* readDones(
  job: JobId,
  { objects }: { readonly objects: ObjectStore },
  seen: Set<string> = new Set(),
): AsyncGenerator<ChunkDone, void, undefined> {
  const found: string[] = [];
  for await (const { key } of objects.list(`${keys.job(job)}attempts/`, { keysOnly: true }))
    if (/\/done\/\d+$/.test(key) && !seen.has(key)) found.push(key);
  const read = async (key: string) => ({ key, object: await objects.get(key) });
  for await (const { key, object } of iterateConcurrently(found, CONCURRENT, read)) {
    if (object === undefined) continue;
    const done = parseJson(new TextDecoder().decode(object.bytes), chunkDoneSchema, { source: key, code: 'STORE_CORRUPT' });
    seen.add(key);
    yield done;
  }
}
