import { type JobId, keys, type TaskId } from '@modelops/contracts';
import { iterateConcurrently } from '@modelops/system';
import type { ObjectStore } from '../objects/object-store.ts';
import { getBounded, MAX_BYTES } from '../objects/read-objects.ts';

/** The source of a job's result: computed by the job, or reused from the store. */
export type ResultSource = 'computed' | 'reused';

/** A task of a job, and the source of its result. */
export interface AttributionRow {
  readonly task_id: TaskId;
  readonly source: ResultSource;
}

export async function writeAttribution(objects: ObjectStore, key: string, rows: readonly AttributionRow[]): Promise<void> {
  const { writeSealed } = await import('./parquet/write-parquet.ts');
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

/** Maximum number of concurrent requests. */
const CONCURRENCY = 16;

/** All rows under a prefix, in order of the files. @throws STORE_CORRUPT */
export async function* readAttribution(objects: ObjectStore, prefix: string): AsyncIterable<AttributionRow> {
  const files = objects.list(prefix, { keysOnly: true });
  for await (const rows of iterateConcurrently(files, CONCURRENCY, ({ key }) => readFile(objects, key))) yield* rows;
}

async function readFile(objects: ObjectStore, key: string): Promise<AttributionRow[]> {
  const object = await getBounded(objects, key, MAX_BYTES.index);
  if (object === undefined) return [];
  const table = (await import('./parquet/read-parquet.ts')).readSealed(object.bytes);
  const sources = table.list<ResultSource>('source');
  return table.list<TaskId>('task_id').map((task_id, at) => ({ task_id, source: sources[at]! }));
}

/**
 * The source of each result of a job, over all its attempts. A result that one attempt computed and a later one reused counts as computed.
 * @throws STORE_CORRUPT
 */
export async function attributionOf(objects: ObjectStore, job: JobId): Promise<Map<TaskId, ResultSource>> {
  const sources = new Map<TaskId, ResultSource>();
  for await (const { task_id, source } of readAttribution(objects, keys.attributions(job)))
    if (source === 'computed' || !sources.has(task_id)) sources.set(task_id, source);
  return sources;
}
