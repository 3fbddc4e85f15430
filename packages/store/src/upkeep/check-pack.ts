import { isModelOpsError, messageOf, sha256Hex } from '@modelops/contracts';
import { getBounded, MOST_BYTES } from '../objects/get-bounded.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { type Eviction, readEviction } from '../packs/catalogue/eviction.ts';
import type { PackObjects } from '../packs/catalogue/list-packs.ts';
import { isBad, isOpen, openWholeIndex } from '../packs/index/open-index.ts';
import { EVICTED, INDEX } from '../packs/pack-name.ts';
import type { ParquetTable } from '../packs/parquet/read-parquet.ts';

/**
 * What is wrong with an object: `bad` bytes have changed since they were written, `missing` ones are named by an index without an eviction,
 * `stray` ones by none, and an `orphan` lies in a pack without an index: left by a writer that died, or by one that is still writing.
 */
export interface StoreProblem {
  readonly key: string;
  readonly kind: 'bad' | 'missing' | 'stray' | 'orphan';
  readonly reason: string;
}

export interface CheckedPack {
  readonly problems: readonly StoreProblem[];
  /** Some of its outputs were deleted by an eviction. */
  readonly isEvicted: boolean;
}

/** Checks every file of a pack against its index, and the index against its own seal. What is deleted meanwhile is not a problem. */
export async function checkPack(objects: ObjectStore, { folder, files }: PackObjects): Promise<CheckedPack> {
  const index = await openWholeIndex(objects, folder);
  if (isBad(index)) return { problems: [{ key: `${folder}/${INDEX}`, kind: 'bad', reason: index.bad }], isEvicted: false };
  if (!isOpen(index)) return { problems: await orphans(objects, files), isEvicted: false };
  const problems: StoreProblem[] = [];
  const named = new Set([INDEX, EVICTED].map((name) => `${folder}/${name}`));
  const absent: string[] = [];
  for (const [key, expected] of digestsIn(index, folder)) {
    named.add(key);
    const actual = await digestOrReason(objects, key);
    if (actual === undefined) absent.push(key);
    else if (typeof actual !== 'string') problems.push({ key, kind: 'bad', reason: actual.bad });
    else if (actual !== expected) problems.push({ key, kind: 'bad', reason: `its digest is ${actual}, its index has ${expected}` });
  }
  for (const { key } of files) if (!named.has(key)) problems.push({ key, kind: 'stray', reason: 'its index does not name it' });
  const lost = absent.length === 0 ? { problems: [], isEvicted: false } : await whyAbsent(objects, folder, absent);
  return { problems: [...problems, ...lost.problems], isEvicted: lost.isEvicted };
}

async function digestOrReason(objects: ObjectStore, key: string): Promise<string | undefined | { readonly bad: string }> {
  try {
    const object = await getBounded(objects, key, MOST_BYTES.output);
    return object && sha256Hex(object.bytes);
  } catch (error) {
    if (isModelOpsError(error) && error.code === 'STORE_CORRUPT') return { bad: error.message };
    throw error;
  }
}

async function orphans(objects: ObjectStore, files: PackObjects['files']): Promise<StoreProblem[]> {
  const problems: StoreProblem[] = [];
  for (const { key } of files) {
    if ((await headOf(objects, key)) !== undefined) problems.push({ key, kind: 'orphan', reason: 'its pack has no index' });
  }
  return problems;
}

/** Whether something is there, a link or a FIFO included. */
async function headOf(objects: ObjectStore, key: string): Promise<unknown> {
  return objects.head(key).catch((error) => {
    if (isModelOpsError(error) && error.code === 'STORE_CORRUPT') return error;
    throw error;
  });
}

/** Files that an index names: evicted, lost, or deleted with their pack since it was listed. */
async function whyAbsent(objects: ObjectStore, folder: string, absent: readonly string[]): Promise<CheckedPack> {
  let eviction: Eviction | undefined;
  try {
    eviction = await readEviction(objects, folder);
  } catch (error) {
    return { problems: [{ key: `${folder}/${EVICTED}`, kind: 'bad', reason: messageOf(error) }], isEvicted: false };
  }
  const letGo = new Set(eviction?.files.map(({ name }) => `${folder}/${name}`));
  const lost = absent.filter((key) => !letGo.has(key));
  const isThere = lost.length > 0 && (await objects.head(`${folder}/${INDEX}`)) !== undefined;
  const problems = isThere ? lost.map((key): StoreProblem => ({ key, kind: 'missing', reason: 'its index names it' })) : [];
  return { problems, isEvicted: lost.length < absent.length };
}

function digestsIn(index: ParquetTable, folder: string): [string, string][] {
  return index.names.flatMap((column) => {
    if (!column.startsWith('sha256_')) return [];
    return [[`${folder}/${column.slice('sha256_'.length)}.parquet`, index.list<string>(column)[0] ?? '']];
  });
}
