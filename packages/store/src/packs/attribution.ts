import type { TaskId } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { readSealed, writeSealed } from './parquet/sealed.ts';

/** Which tasks a job asked for, and whether it computed them or found them. */
export interface AttributionRow {
  readonly task_id: TaskId;
  readonly source: 'computed' | 'reused';
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

/** Every row under a prefix, a file at a time. @throws STORE_CORRUPT */
export async function* readAttribution(objects: ObjectStore, prefix: string): AsyncIterable<AttributionRow> {
  for await (const { key } of objects.list(prefix)) {
    const object = await objects.get(key);
    if (object === undefined) continue;
    const table = readSealed(object.bytes);
    const sources = table.list<AttributionRow['source']>('source');
    for (const [at, task_id] of table.list<TaskId>('task_id').entries()) yield { task_id, source: sources[at]! };
  }
}
