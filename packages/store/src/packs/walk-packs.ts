import type { ObjectInfo, ObjectStore } from '../objects/object-store.ts';

/** The objects of one pack, with an index or without. */
export interface PackObjects {
  /** The pack's prefix without its last `/`. */
  readonly folder: string;
  readonly name: string;
  /** The prefix of the pack's address. */
  readonly prefix: string;
  readonly files: readonly ObjectInfo[];
}

const IN_PACK = /^provenance\/(token|bundle)\/v1\/(sims|aggs)\/[0-9a-f]{12}\/[^/]+\/[^/]+$/;

/** Every pack of the store, or of the addresses below a prefix, in order of keys. Objects elsewhere under `provenance/` are not ours: skipped. */
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

function packAt({ folder, files }: { folder: string; files: readonly ObjectInfo[] }): PackObjects {
  const end = folder.lastIndexOf('/') + 1;
  return { folder, name: folder.slice(end), prefix: folder.slice(0, end), files };
}
