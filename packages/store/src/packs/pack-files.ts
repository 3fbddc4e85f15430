import { isModelOpsError, type PackAddress, sha256Hex } from '@modelops/contracts';
import { getBounded, MOST_BYTES } from '../objects/get-bounded.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { EVICTED } from './evicted.ts';
import type { ColumnType } from './parquet/decode-column.ts';
import { type ParquetTable, readParquet } from './parquet/read-parquet.ts';
import { readSealed } from './parquet/sealed.ts';
import { type PackOutput, startsOf } from './read-output.ts';
import { INDEX, type PackFiles } from './write-pack.ts';

/** A pack whose bytes are not what its index says, or whose index cannot be read. */
export interface BadPack {
  readonly pack: string;
  readonly reason: string;
}

/**
 * What a pack file is found to be: 'gone' when the pack is no longer there, 'evicted' when its index is kept without it, 'lacking' when the pack
 * never had such an output, bad when its bytes are not those that were written.
 */
export type Opened<T> = T | 'gone' | 'evicted' | 'lacking' | { readonly bad: string };

export function isOpen<T extends object>(opened: Opened<T>): opened is T {
  return typeof opened === 'object' && !('bad' in opened);
}

export function isBad<T>(opened: Opened<T>): opened is { readonly bad: string } {
  return typeof opened === 'object' && opened !== null && 'bad' in opened;
}

/** Writes a pack's files, its index last: only then is it there. */
export async function writeFiles(objects: ObjectStore, folder: string, files: PackFiles): Promise<void> {
  const put = ({ name, bytes }: PackFiles[number]) => objects.put(`${folder}/${name}`, bytes);
  await Promise.all(files.filter(({ name }) => name !== INDEX).map(put));
  await Promise.all(files.filter(({ name }) => name === INDEX).map(put));
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

/** An output of a pack, its bytes held against the index's digest. */
export async function openOutput(objects: ObjectStore, folder: string, output: string): Promise<Opened<PackOutput>> {
  const index = await openIndex(objects, folder);
  if (!isOpen(index)) return index;
  if (!index.has(`rows_${output}`)) return 'lacking';
  try {
    const { numbers: counts } = index.column(`rows_${output}`);
    if (!(counts instanceof Int32Array) || counts.some((count) => count < 0))
      return { bad: `its index has invalid counts of rows of ${output}` };
    const starts = startsOf(counts);
    if (!index.has(`sha256_${output}`)) return { starts, table: undefined }; // no columns, so no file
    const expected = index.list<string>(`sha256_${output}`)[0];
    const object = await getBounded(objects, `${folder}/${output}.parquet`, MOST_BYTES.output);
    if (object === undefined) return whyAbsent(objects, folder, [`${output}.parquet`]);
    const actual = sha256Hex(object.bytes);
    if (actual !== expected) return { bad: `the digest of ${output}.parquet is ${actual}, its index has ${expected}` };
    const table = readParquet(object.bytes);
    if (table.rows !== starts.at(-1)) return { bad: `${output}.parquet has ${table.rows} rows, its index has ${starts.at(-1)}` };
    return { starts, table };
  } catch (error) {
    return badOr(error, `cannot read ${output}.parquet`);
  }
}

/** What a bad object costs: its pack. An outage, and a defect of ours, is an error all the same. */
function badOr(error: unknown, what: string): { readonly bad: string } {
  if (isModelOpsError(error) && error.code === 'STORE_CORRUPT') return { bad: `${what}: ${error.message}` };
  throw error;
}

/** The files beside its index that an index names. */
export function namedFiles(index: ParquetTable): string[] {
  return index.names.filter((column) => column.startsWith(SHA256)).map((column) => `${column.slice(SHA256.length)}.parquet`);
}

const SHA256 = 'sha256_';

/**
 * Why files that a pack's index names were not found. Asked of the listing, which no cache answers. A pack that is being set aside or compacted
 * loses its index first; one that is being evicted says so before it loses anything. 'gone' as well where the files are there after all: the
 * pack was being written at the first look, and is to be looked for again.
 */
export async function whyAbsent(
  objects: ObjectStore,
  folder: string,
  files: readonly string[],
): Promise<'gone' | 'evicted' | { readonly bad: string }> {
  const names = new Set<string>();
  for await (const { key } of objects.list(`${folder}/`)) names.add(key.slice(folder.length + 1));
  if (!names.has(INDEX)) return 'gone';
  if (names.has(EVICTED)) return 'evicted';
  const lost = files.filter((file) => !names.has(file));
  return lost.length === 0 ? 'gone' : { bad: `${lost.join(', ')} ${lost.length === 1 ? 'is' : 'are'} missing` };
}

/** Moves a pack under `quarantine/`, where nothing looks for results. Its index goes first, so that nobody takes half of it for a pack. */
export async function setAside(objects: ObjectStore, folder: string): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of objects.list(`${folder}/`)) keys.push(key);
  for (const key of keys) {
    const object = await getBounded(objects, key, MOST_BYTES.output).catch((error) => {
      if (isModelOpsError(error) && error.code === 'STORE_CORRUPT') return undefined; // a link, a FIFO or an endless file: nothing to keep
      throw error;
    });
    if (object !== undefined) await objects.put(`quarantine/${key}`, object.bytes);
  }
  await removePack(objects, keys);
}

/** Deletes a pack's objects, its index first: a reader that finds no index looks for its tasks elsewhere. */
export async function removePack(objects: ObjectStore, keys: readonly string[]): Promise<void> {
  const isIndex = (key: string) => Number(key.endsWith(`/${INDEX}`));
  for (const key of [...keys].sort((a, b) => isIndex(b) - isIndex(a))) await objects.delete(key);
}
