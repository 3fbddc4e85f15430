import { isModelOpsError, messageOf, sha256Hex } from '@modelops/contracts';
import { getBounded, MAX_BYTES } from '../objects/get-bounded.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { type Eviction, readEviction } from '../packs/catalogue/eviction.ts';
import type { PackObjects } from '../packs/catalogue/list-packs.ts';
import { isBad, isOpen, openWholeIndex, SHA256 } from '../packs/index/open-index.ts';
import { EVICTED, INDEX } from '../packs/pack-name.ts';
import type { ParquetTable } from '../packs/parquet/read-parquet.ts';

/**
 * A problem of an object: its bytes have changed since they were written (`bad`), an index names it and it was not evicted (`missing`), no
 * index names it (`stray`), or its pack has no index (`orphan`), because the writer died or is still writing.
 */
export interface StoreProblem {
  readonly key: string;
  readonly kind: 'bad' | 'missing' | 'stray' | 'orphan';
  readonly reason: string;
}

export interface CheckedPack {
  readonly problems: readonly StoreProblem[];
  /** True if some of its outputs were deleted by an eviction. */
  readonly isEvicted: boolean;
}

/** Checks every file of a pack against its index, and the index against its own seal. An object deleted meanwhile is not a problem. */
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
  for (const { key } of files) if (!named.has(key)) problems.push({ key, kind: 'stray', reason: 'not in the index of its pack' });
  const lost = absent.length === 0 ? { problems: [], isEvicted: false } : await explainAbsent(objects, folder, absent);
  return { problems: [...problems, ...lost.problems], isEvicted: lost.isEvicted };
}

async function digestOrReason(objects: ObjectStore, key: string): Promise<string | undefined | { readonly bad: string }> {
  try {
    const object = await getBounded(objects, key, MAX_BYTES.output);
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

/** Defined if there is anything at the key, including a link or a FIFO. */
async function headOf(objects: ObjectStore, key: string): Promise<unknown> {
  return objects.head(key).catch((error) => {
    if (isModelOpsError(error) && error.code === 'STORE_CORRUPT') return error;
    throw error;
  });
}

/** Files that an index names: evicted, lost, or deleted with their pack since it was listed. */
async function explainAbsent(objects: ObjectStore, folder: string, absent: readonly string[]): Promise<CheckedPack> {
  let eviction: Eviction | undefined;
  try {
    eviction = await readEviction(objects, folder);
  } catch (error) {
    return { problems: [{ key: `${folder}/${EVICTED}`, kind: 'bad', reason: messageOf(error) }], isEvicted: false };
  }
  const evicted = new Set(eviction?.files.map(({ name }) => `${folder}/${name}`));
  const lost = absent.filter((key) => !evicted.has(key));
  const hasIndex = lost.length > 0 && (await objects.head(`${folder}/${INDEX}`)) !== undefined;
  const problems = hasIndex ? lost.map((key): StoreProblem => ({ key, kind: 'missing', reason: 'the index of its pack names it' })) : [];
  return { problems, isEvicted: lost.length < absent.length };
}

function digestsIn(index: ParquetTable, folder: string): [string, string][] {
  return index.names.flatMap((column) => {
    if (!column.startsWith(SHA256)) return [];
    return [[`${folder}/${column.slice(SHA256.length)}.parquet`, index.list<string>(column)[0] ?? '']];
  });
}
