import type { TaskId } from '@modelops/contracts';
import { isModelOpsError, type PackAddress } from '@modelops/contracts';
import { getBounded, MOST_BYTES } from '../../objects/get-bounded.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { INDEX } from '../pack-name.ts';
import type { ColumnType } from '../parquet/decode-column.ts';
import type { ParquetTable } from '../parquet/read-parquet.ts';
import { readSealed } from '../parquet/sealed.ts';

/**
 * The outcome of opening a file of a pack: 'gone' when the pack no longer exists, 'evicted' when its index is kept without it, 'lacking' when the pack
 * never had such an output, bad when its bytes have changed since it was written.
 */
export type Opened<T> = T | 'gone' | 'evicted' | 'lacking' | { readonly bad: string };

export function isOpen<T extends object>(opened: Opened<T>): opened is T {
  return typeof opened === 'object' && !('bad' in opened);
}

export function isBad<T>(opened: Opened<T>): opened is { readonly bad: string } {
  return typeof opened === 'object' && opened !== null && 'bad' in opened;
}

export async function openIndex(objects: ObjectStore, folder: string): Promise<Opened<ParquetTable>> {
  try {
    const object = await getBounded(objects, `${folder}/${INDEX}`, MOST_BYTES.index);
    return object === undefined ? 'gone' : readSealed(object.bytes);
  } catch (error) {
    return badOr(error, 'cannot read its index');
  }
}

const COLUMNS = {
  sims: {
    task_id: 'utf8',
    param_id: 'utf8',
    params: 'utf8',
    seed: 'int64',
    status: 'utf8',
    error: 'utf8',
    started_at: 'float64',
    duration_ms: 'float64',
    job_id: 'utf8',
    worker: 'utf8',
  },
  aggs: { aggregation_id: 'utf8', param_id: 'utf8', target: 'utf8', loss: 'float64', job_id: 'utf8' },
} as const satisfies Record<PackAddress['kind'], Readonly<Record<string, ColumnType>>>;

/** {@link openIndex} with every column decoded and of its type: for those who need most of them. A seal shows who wrote an index, not that it is sound. */
export async function openWholeIndex(objects: ObjectStore, folder: string): Promise<Opened<ParquetTable>> {
  const index = await openIndex(objects, folder);
  if (!isOpen(index)) return index;
  try {
    const columns = new Map(index.names.map((name) => [name, index.column(name)]));
    const types: Readonly<Record<string, ColumnType>> = COLUMNS[index.has('aggregation_id') ? 'aggs' : 'sims'];
    const wrong = Object.entries(types).find(([name, type]) => columns.get(name)?.type !== type);
    if (wrong !== undefined) return { bad: `its index has no column ${wrong[0]} of type ${wrong[1]}` };
    const column = (name: string) => columns.get(name) ?? index.column(name);
    return { ...index, column, list: <T>(name: string) => column(name).toList() as T[] };
  } catch (error) {
    return badOr(error, 'cannot read its index');
  }
}

/** What a bad object costs: its pack. An outage, and a defect of ours, is an error all the same. */
export function badOr(error: unknown, what: string): { readonly bad: string } {
  if (isModelOpsError(error) && error.code === 'STORE_CORRUPT') return { bad: `${what}: ${error.message}` };
  throw error;
}

const SHA256 = 'sha256_';

/** The files beside its index that an index names. */
export function namedFiles(index: ParquetTable): string[] {
  return index.names.filter((column) => column.startsWith(SHA256)).map((column) => `${column.slice(SHA256.length)}.parquet`);
}

/** The tasks that the index of one pack lists, wherever the pack is; undefined when its index is absent or cannot be read. */
export async function readPackTasks(objects: ObjectStore, folder: string): Promise<TaskId[] | undefined> {
  const index = await openWholeIndex(objects, folder);
  return isOpen(index) && index.has('task_id') ? index.list<TaskId>('task_id') : undefined;
}
