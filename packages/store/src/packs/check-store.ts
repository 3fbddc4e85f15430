import { messageOf, sha256Hex } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { isBad, isOpen, openIndex } from './pack-files.ts';
import { isSealed } from './parquet/sealed.ts';
import { type PackObjects, walkPacks } from './walk-packs.ts';
import { INDEX } from './write-pack.ts';

/**
 * What is wrong with an object: `bad` bytes are not those that were written, `missing` ones are named by an index, `stray` ones by none,
 * and an `orphan` lies in a pack without an index: left by a writer that died, or by one that is still writing.
 */
export interface StoreProblem {
  readonly key: string;
  readonly kind: 'bad' | 'missing' | 'stray' | 'orphan';
  readonly reason: string;
}

export interface StoreCheck {
  readonly packs: number;
  readonly objects: number;
  readonly bytes: number;
  readonly problems: readonly StoreProblem[];
}

/** Reads every byte of packs, attributions and bundle blobs, and holds it against its digest. Changes nothing. */
export async function checkStore(objects: ObjectStore): Promise<StoreCheck> {
  const problems: StoreProblem[] = [];
  const total = { packs: 0, objects: 0, bytes: 0 };
  for await (const pack of walkPacks(objects)) {
    if (pack.files.some(({ key }) => key.endsWith(`/${INDEX}`))) total.packs++;
    total.objects += pack.files.length;
    for (const { size } of pack.files) total.bytes += size;
    problems.push(...(await checkPack(objects, pack)));
  }
  const isGood: readonly (readonly [string, RegExp, (bytes: Uint8Array, key: string) => boolean])[] = [
    ['jobs/', /^jobs\/[^/]+\/attribution\/.*\.parquet$/, isSealed],
    ['bundles/blobs/', /\/sha256\/[0-9a-f]{64}$/, (bytes, key) => key.endsWith(sha256Hex(bytes))],
  ];
  for (const [prefix, pattern, holds] of isGood) {
    for await (const { key, size } of objects.list(prefix)) {
      if (!pattern.test(key)) continue;
      const object = await objects.get(key);
      if (object === undefined) continue;
      total.objects++;
      total.bytes += size;
      if (!holds(object.bytes, key)) problems.push({ key, kind: 'bad', reason: 'its bytes are not those that were written' });
    }
  }
  return { ...total, problems };
}

async function checkPack(objects: ObjectStore, { folder, files }: PackObjects): Promise<StoreProblem[]> {
  const index = await openIndex(objects, folder);
  if (isBad(index)) return [{ key: `${folder}/${INDEX}`, kind: 'bad', reason: index.bad }];
  if (!isOpen(index)) return files.map(({ key }) => ({ key, kind: 'orphan', reason: 'its pack has no index' }));
  const problems: StoreProblem[] = [];
  const named = new Set([`${folder}/${INDEX}`]);
  for (const column of index.names.filter((name) => name.startsWith('sha256_'))) {
    const key = `${folder}/${column.slice('sha256_'.length)}.parquet`;
    named.add(key);
    try {
      const expected = index.column(column).codes?.dictionary[0];
      const object = await objects.get(key);
      const actual = object && sha256Hex(object.bytes);
      if (actual === undefined) problems.push({ key, kind: 'missing', reason: 'its index names it' });
      else if (actual !== expected) problems.push({ key, kind: 'bad', reason: `its digest is ${actual}, its index says ${expected}` });
    } catch (error) {
      problems.push({ key, kind: 'bad', reason: messageOf(error) });
    }
  }
  for (const { key } of files) if (!named.has(key)) problems.push({ key, kind: 'stray', reason: 'its index does not name it' });
  return problems;
}
