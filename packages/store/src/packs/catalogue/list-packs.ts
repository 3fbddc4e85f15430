import type { PackAddress } from '@modelops/contracts';
import type { ObjectInfo, ObjectStore } from '../../objects/object-store.ts';
import { EVICTED, INDEX } from '../pack-name.ts';

/** The objects of one pack, with or without an index. */
export interface PackObjects {
  /** The pack's prefix without its last `/`. */
  readonly folder: string;
  readonly name: string;
  /** The prefix of the pack's address. */
  readonly prefix: string;
  readonly kind: PackAddress['kind'];
  readonly files: readonly ObjectInfo[];
  readonly hasIndex: boolean;
  /** Whether its outputs were deleted. */
  readonly isEvicted: boolean;
}

const IN_PACK = /^provenance\/(token|bundle)\/v1\/(sims|aggs)\/[0-9a-f]{12}\/[^/]+\/[^/]+$/;

/** Every pack of the store, or of the addresses below a prefix, in order of keys. Other objects under `provenance/` are foreign and skipped. */
export async function* walkPacks(objects: ObjectStore, prefix = 'provenance/'): AsyncIterable<PackObjects> {
  let held: { folder: string; files: ObjectInfo[] } | undefined;
  for await (const info of objects.list(prefix)) {
    const folder = info.key.slice(0, info.key.lastIndexOf('/'));
    if (info.key.startsWith('provenance/') && !IN_PACK.test(folder)) continue;
    if (held !== undefined && held.folder !== folder) {
      yield packAt(held);
      held = undefined;
    }
    held ??= { folder, files: [] };
    held.files.push(info);
  }
  if (held !== undefined) yield packAt(held);
}

/** The same as a list. */
export async function packsUnder(objects: ObjectStore, prefix?: string): Promise<PackObjects[]> {
  const packs: PackObjects[] = [];
  for await (const pack of walkPacks(objects, prefix)) packs.push(pack);
  return packs;
}

/** The same, address by address: all packs of each. */
export async function* walkAddresses(objects: ObjectStore): AsyncIterable<readonly [PackObjects, ...PackObjects[]]> {
  let packs: [PackObjects, ...PackObjects[]] | undefined;
  for await (const pack of walkPacks(objects)) {
    if (packs?.[0].prefix === pack.prefix) packs.push(pack);
    else {
      if (packs !== undefined) yield packs;
      packs = [pack];
    }
  }
  if (packs !== undefined) yield packs;
}

function packAt({ folder, files }: { folder: string; files: readonly ObjectInfo[] }): PackObjects {
  const end = folder.lastIndexOf('/') + 1;
  const prefix = folder.slice(0, end);
  const has = (file: string) => files.some(({ key }) => key === `${folder}/${file}`);
  const kind = /\/v1\/aggs\//.test(prefix) ? 'aggs' : 'sims';
  return { folder, name: folder.slice(end), prefix, kind, files, hasIndex: has(INDEX), isEvicted: has(EVICTED) };
}

/** One listing of the packs of an address. */
export interface PackListing {
  /** Packs with an index. */
  readonly names: ReadonlySet<string>;
  /** Packs whose outputs were deleted. */
  readonly evicted: ReadonlySet<string>;
  /** The keys of all objects. */
  readonly keys: ReadonlySet<string>;
}

export async function listPacks(objects: ObjectStore, prefix: string, startAfter: string): Promise<PackListing> {
  const [names, evicted, keys]: [Set<string>, Set<string>, Set<string>] = [new Set(), new Set(), new Set()];
  for await (const { key } of objects.list(prefix, { startAfter, keysOnly: true })) {
    keys.add(key);
    if (key.endsWith(`/${INDEX}`)) names.add(key.slice(prefix.length, -INDEX.length - 1));
    else if (key.endsWith(`/${EVICTED}`)) evicted.add(key.slice(prefix.length, -EVICTED.length - 1));
  }
  return { names, evicted, keys };
}

/** Why a pack is incomplete, given the files that its index names; undefined if it is complete. Accesses the store only if files seem to be missing. */
export async function whyIncomplete(
  objects: ObjectStore,
  { prefix, name, files }: { readonly prefix: string; readonly name: string; readonly files: readonly string[] },
  { names, evicted, keys }: PackListing,
): Promise<undefined | Awaited<ReturnType<typeof whyAbsent>>> {
  if (!names.has(name)) return 'gone';
  if (evicted.has(name)) return 'evicted';
  const absent = files.filter((file) => !keys.has(`${prefix}${name}/${file}`));
  return absent.length === 0 ? undefined : whyAbsent(objects, `${prefix}${name}`, absent);
}

/**
 * Why files that a pack's index names were not found. Uses the listing, which is never cached. A pack that is being quarantined or compacted
 * loses its index first; one that is being evicted is marked before its files are deleted. 'gone' also if the files exist after all: the pack
 * was being written at the first listing, and must be listed again.
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
