import type { PackAddress, TaskId } from '@modelops/contracts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { getBounded, MAX_BYTES, orBad } from '../../objects/read-objects.ts';
import { INDEX } from '../pack-name.ts';
import type { ColumnType } from '../parquet/decode-column.ts';
import type { ParquetTable } from '../parquet/read-parquet.ts';

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

export const UNREADABLE_INDEX = 'cannot read its index';

/** Parquet's code is loaded with the first index: a store without results of a model has none. */
export async function openIndex(objects: ObjectStore, folder: string): Promise<Opened<ParquetTable>> {
  return orBad(async () => {
    const object = await getBounded(objects, `${folder}/${INDEX}`, MAX_BYTES.index);
    return object === undefined ? 'gone' : (await import('../parquet/read-parquet.ts')).readSealed(object.bytes);
  }, UNREADABLE_INDEX);
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
  return orBad(() => {
    const columns = new Map(index.names.map((name) => [name, index.column(name)]));
    const types: Readonly<Record<string, ColumnType>> = COLUMNS[index.has('aggregation_id') ? 'aggs' : 'sims'];
    const wrong = Object.entries(types).find(([name, type]) => columns.get(name)?.type !== type);
    if (wrong !== undefined) return { bad: `its index has no column ${wrong[0]} of type ${wrong[1]}` };
    const column = (name: string) => columns.get(name) ?? index.column(name);
    return { ...index, column, list: <T>(name: string) => column(name).toList() as T[] };
  }, UNREADABLE_INDEX);
}

/** The outputs of the simulations in an index. */
export function outputNames(index: ParquetTable): string[] {
  return namesAfter('rows_', index);
}

/** The output files that an index names; an output without columns has none. */
export function namedFiles(index: ParquetTable): string[] {
  return namesAfter('sha256_', index).map((output) => `${output}.parquet`);
}

/** The digest of each output's file, hex. @throws STORE_CORRUPT */
export function digestsIn(index: ParquetTable): Map<string, string> {
  const digestOf = (output: string) => index.list<string>(`sha256_${output}`)[0] ?? '';
  return new Map(namesAfter('sha256_', index).map((output) => [output, digestOf(output)]));
}

function namesAfter(prefix: string, { names }: ParquetTable): string[] {
  return names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
}

/** The tasks of the index in a folder, which may be in quarantine; undefined if there is no index or it cannot be read. */
export async function readPackTasks(objects: ObjectStore, folder: string): Promise<TaskId[] | undefined> {
  const index = await openWholeIndex(objects, folder);
  return isOpen(index) && index.has('task_id') ? index.list<TaskId>('task_id') : undefined;
}
