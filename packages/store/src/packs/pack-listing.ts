import type { ObjectStore } from '../objects/object-store.ts';
import { EVICTED } from './evicted.ts';
import { whyAbsent } from './pack-files.ts';
import { INDEX } from './write-pack.ts';

/** What one listing of an address says of its packs. */
export interface PackListing {
  /** Those with an index. */
  readonly names: ReadonlySet<string>;
  /** Those whose outputs were let go. */
  readonly evicted: ReadonlySet<string>;
  /** Everything, by key. */
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

/** Why a pack is not whole, the files being those that its index names; undefined where it is. Asks the store only on suspicion. */
export async function whyNotWhole(
  objects: ObjectStore,
  { prefix, name, files }: { readonly prefix: string; readonly name: string; readonly files: readonly string[] },
  { names, evicted, keys }: PackListing,
): Promise<undefined | Awaited<ReturnType<typeof whyAbsent>>> {
  if (!names.has(name)) return 'gone';
  if (evicted.has(name)) return 'evicted';
  const absent = files.filter((file) => !keys.has(`${prefix}${name}/${file}`));
  return absent.length === 0 ? undefined : whyAbsent(objects, `${prefix}${name}`, absent);
}
