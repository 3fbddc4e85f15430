import { sha256Hex } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { getBounded, MAX_BYTES, orBad } from '../objects/read-objects.ts';
import type { PackObjects } from '../packs/catalogue/list-packs.ts';
import { readEviction } from '../packs/catalogue/removal.ts';
import { digestsIn, isBad, isOpen, openWholeIndex } from '../packs/index/open-index.ts';
import { EVICTED, INDEX } from '../packs/pack-name.ts';

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
  for (const [output, expected] of digestsIn(index)) {
    const key = `${folder}/${output}.parquet`;
    named.add(key);
    const object = await orBad(() => getBounded(objects, key, MAX_BYTES.output));
    const actual = object === undefined || isBad(object) ? object : sha256Hex(object.bytes);
    if (actual === undefined) absent.push(key);
    else if (typeof actual !== 'string') problems.push({ key, kind: 'bad', reason: actual.bad });
    else if (actual !== expected) problems.push({ key, kind: 'bad', reason: `its digest is ${actual}, its index has ${expected}` });
  }
  for (const { key } of files) if (!named.has(key)) problems.push({ key, kind: 'stray', reason: 'not in the index of its pack' });
  const lost = absent.length === 0 ? { problems: [], isEvicted: false } : await explainAbsent(objects, folder, absent);
  return { problems: [...problems, ...lost.problems], isEvicted: lost.isEvicted };
}

async function orphans(objects: ObjectStore, files: PackObjects['files']): Promise<StoreProblem[]> {
  const problems: StoreProblem[] = [];
  for (const { key } of files) {
    // A link or a FIFO is bad, not absent.
    if ((await orBad(() => objects.head(key))) !== undefined) problems.push({ key, kind: 'orphan', reason: 'its pack has no index' });
  }
  return problems;
}

/** Files that an index names: evicted, lost, or deleted with their pack since it was listed. */
async function explainAbsent(objects: ObjectStore, folder: string, absent: readonly string[]): Promise<CheckedPack> {
  const eviction = await orBad(() => readEviction(objects, folder));
  if (isBad(eviction)) return { problems: [{ key: `${folder}/${EVICTED}`, kind: 'bad', reason: eviction.bad }], isEvicted: false };
  const evicted = new Set(eviction?.files.map(({ name }) => `${folder}/${name}`));
  const lost = absent.filter((key) => !evicted.has(key));
  const hasIndex = lost.length > 0 && (await objects.head(`${folder}/${INDEX}`)) !== undefined;
  const problems = hasIndex ? lost.map((key): StoreProblem => ({ key, kind: 'missing', reason: 'the index of its pack names it' })) : [];
  return { problems, isEvicted: lost.length < absent.length };
}
