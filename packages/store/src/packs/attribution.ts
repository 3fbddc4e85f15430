import { type JobId, keys, type TaskId } from '@modelops/contracts';
import { getBounded, MOST_BYTES } from '../objects/get-bounded.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { readSealed, writeSealed } from './parquet/sealed.ts';

/** Where a job's result came from: computed by it, or found in the store. */
export type ResultSource = 'computed' | 'reused';

/** A task of a job, and where its result came from. */
export interface AttributionRow {
  readonly task_id: TaskId;
  readonly source: ResultSource;
}

export async function writeAttribution(objects: ObjectStore, key: string, rows: readonly AttributionRow[]): Promise<void> {
  const bytes = writeSealed([
    { name: 'task_id', type: 'utf8', values: rows.map(({ task_id }) => task_id), isUnique: true },
    {
      name: 'source',
      type: 'coded',
      dictionary: ['computed', 'reused'],
      indices: Int32Array.from(rows, ({ source }) => (source === 'computed' ? 0 : 1)),
    },
  ]);
  await objects.put(key, bytes);
}

/** Concurrent requests. */
const AT_ONCE = 16;

/** Every row under a prefix, in order of the files. @throws STORE_CORRUPT */
export async function* readAttribution(objects: ObjectStore, prefix: string): AsyncIterable<AttributionRow> {
  let waiting: string[] = [];
  const read = async () => (await Promise.all(waiting.map((key) => readFile(objects, key)))).flat();
  for await (const { key } of objects.list(prefix, { keysOnly: true })) {
    waiting.push(key);
    if (waiting.length < AT_ONCE) continue;
    yield* await read();
    waiting = [];
  }
  yield* await read();
}

async function readFile(objects: ObjectStore, key: string): Promise<AttributionRow[]> {
  const object = await getBounded(objects, key, MOST_BYTES.index);
  if (object === undefined) return [];
  const table = readSealed(object.bytes);
  const sources = table.list<ResultSource>('source');
  return table.list<TaskId>('task_id').map((task_id, at) => ({ task_id, source: sources[at]! }));
}

/**
 * Where each result of a job came from, over all its attempts. What one attempt computed and a later one found counts as computed.
 * @throws STORE_CORRUPT
 */
export async function attributionOf(objects: ObjectStore, job: JobId): Promise<Map<TaskId, ResultSource>> {
  const sources = new Map<TaskId, ResultSource>();
  for await (const { task_id, source } of readAttribution(objects, keys.attributions(job)))
    if (source === 'computed' || !sources.has(task_id)) sources.set(task_id, source);
  return sources;
}
