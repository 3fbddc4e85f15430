import { type JobId, keys, parseJson } from '@modelops/contracts';
import type { ObjectStore } from '@modelops/store';
import { chunkDoneSchema } from '@modelops/worker';

/** Objects asked for at once. */
const ABREAST = 16;

/** Counts the tasks that a job's attempts computed, by their chunks' `done`; asked again, it reads only those that are new. */
export function createDoneCounter(id: JobId, { objects }: { readonly objects: ObjectStore }): () => Promise<number> {
  const counted = new Map<string, number>();
  return async () => {
    const found: string[] = [];
    for await (const { key } of objects.list(`${keys.job(id)}attempts/`))
      if (/\/done\/\d+$/.test(key) && !counted.has(key)) found.push(key);
    for (let at = 0; at < found.length; at += ABREAST) {
      const page = found.slice(at, at + ABREAST);
      const read = await Promise.all(page.map((key) => objects.get(key)));
      read.forEach((object, k) => {
        if (object === undefined) return;
        const done = parseJson(new TextDecoder().decode(object.bytes), chunkDoneSchema, { source: page[k]!, code: 'STORE_CORRUPT' });
        counted.set(page[k]!, done.computed);
      });
    }
    return [...counted.values()].reduce((sum, computed) => sum + computed, 0);
  };
}
