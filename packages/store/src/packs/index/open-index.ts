import { isModelOpsError, type PackAddress, type TaskId } from '@modelops/contracts';
import { getBounded, MAX_BYTES } from '../../objects/get-bounded.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { INDEX } from '../pack-name.ts';
import type { ColumnType } from '../parquet/decode-column.ts';
import type { ParquetTable } from '../parquet/read-parquet.ts';
import { readSealed } from '../parquet/sealed.ts';

/**
 * The outcome of opening a file of a pack: 'gone' if the pack no longer exists, 'evicted' if the file was deleted and the index kept, 'lacking' if the pack
 * never had this output, bad if its bytes have changed since it was written.
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
    const object = await getBounded(objects, `${folder}/${INDEX}`, MAX_BYTES.index);
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

/** As {@link openIndex}, with every column decoded and of the expected type: for callers that need most of them. A valid seal does not imply a valid index. */
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

/** A corrupt object makes its pack bad; any other error is rethrown. */
export function badOr(error: unknown, what: string): { readonly bad: string } {
  if (isModelOpsError(error) && error.code === 'STORE_CORRUPT') return { bad: `${what}: ${error.message}` };
  throw error;
}

/** Prefix of the column with the digests of an output's file. */
export const SHA256 = 'sha256_';

/** The output files that an index names. */
export function namedFiles(index: ParquetTable): string[] {
  return index.names.filter((column) => column.startsWith(SHA256)).map((column) => `${column.slice(SHA256.length)}.parquet`);
}

/** The tasks of the index in a folder, which may be in quarantine; undefined if there is no index or it cannot be read. */
export async function readPackTasks(objects: ObjectStore, folder: string): Promise<TaskId[] | undefined> {
  const index = await openWholeIndex(objects, folder);
  return isOpen(index) && index.has('task_id') ? index.list<TaskId>('task_id') : undefined;
}
