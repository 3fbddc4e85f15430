import { type JobId, keys, parseJson } from '@modelops/contracts';
import type { ObjectStore } from '@modelops/store';
import { type ChunkDone, chunkDoneSchema } from './chunk-record.ts';

/** Objects asked for at once. */
const ABREAST = 16;

/** The `done`s of all attempts of a job, in the order of their keys. Those of `seen` are left out, and what is read is added to it. @throws STORE_CORRUPT */
export async function* readDones(
  job: JobId,
  { objects }: { readonly objects: ObjectStore },
  seen: Set<string> = new Set(),
): AsyncGenerator<ChunkDone, void, undefined> {
  const found: string[] = [];
  for await (const { key } of objects.list(`${keys.job(job)}attempts/`, { keysOnly: true }))
    if (/\/done\/\d+$/.test(key) && !seen.has(key)) found.push(key);
  for (let at = 0; at < found.length; at += ABREAST) {
    const page = found.slice(at, at + ABREAST);
    const read = await Promise.all(page.map((key) => objects.get(key)));
    for (const [k, object] of read.entries()) {
      if (object === undefined) continue;
      const source = page[k]!;
      const done = parseJson(new TextDecoder().decode(object.bytes), chunkDoneSchema, { source, code: 'STORE_CORRUPT' });
      seen.add(source);
      yield done;
    }
  }
}
