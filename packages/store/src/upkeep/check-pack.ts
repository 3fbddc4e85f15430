import { messageOf, sha256Hex } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { EVICTED, type Eviction, readEviction } from '../packs/evicted.ts';
import { isBad, isOpen, openIndex } from '../packs/pack-files.ts';
import type { ParquetTable } from '../packs/parquet/read-parquet.ts';
import type { PackObjects } from '../packs/walk-packs.ts';
import { INDEX } from '../packs/write-pack.ts';

/**
 * What is wrong with an object: `bad` bytes are not those that were written, `missing` ones are named by an index that says nothing of an
 * eviction, `stray` ones by none, and an `orphan` lies in a pack without an index: left by a writer that died, or by one that is still writing.
 */
export interface StoreProblem {
  readonly key: string;
  readonly kind: 'bad' | 'missing' | 'stray' | 'orphan';
  readonly reason: string;
}

export interface CheckedPack {
  readonly problems: readonly StoreProblem[];
  /** Some of its outputs were let go, and it says so. */
  readonly isEvicted: boolean;
}

/** Holds every file of a pack against its index, and the index against its own seal. What goes away meanwhile is no problem. */
export async function checkPack(objects: ObjectStore, { folder, files }: PackObjects): Promise<CheckedPack> {
  const index = await openIndex(objects, folder);
  if (isBad(index)) return { problems: [{ key: `${folder}/${INDEX}`, kind: 'bad', reason: index.bad }], isEvicted: false };
  if (!isOpen(index)) return { problems: await orphans(objects, files), isEvicted: false };
  const problems: StoreProblem[] = [];
  const named = new Set([INDEX, EVICTED].map((name) => `${folder}/${name}`));
  const absent: string[] = [];
  for (const [key, expected] of digestsIn(index, folder)) {
    named.add(key);
    const object = await objects.get(key);
    const actual = object && sha256Hex(object.bytes);
    if (actual === undefined) absent.push(key);
    else if (actual !== expected) problems.push({ key, kind: 'bad', reason: `its digest is ${actual}, its index says ${expected}` });
  }
  for (const { key } of files) if (!named.has(key)) problems.push({ key, kind: 'stray', reason: 'its index does not name it' });
  const lost = absent.length === 0 ? { problems: [], isEvicted: false } : await whyAbsent(objects, folder, absent);
  return { problems: [...problems, ...lost.problems], isEvicted: lost.isEvicted };
}

async function orphans(objects: ObjectStore, files: PackObjects['files']): Promise<StoreProblem[]> {
  const problems: StoreProblem[] = [];
  for (const { key } of files) {
    if ((await objects.head(key)) !== undefined) problems.push({ key, kind: 'orphan', reason: 'its pack has no index' });
  }
  return problems;
}

/** Files that an index names: let go, lost, or gone with their pack since it was listed. */
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
