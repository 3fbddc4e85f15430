import { ModelOpsError } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { whyAbsent } from '../packs/catalogue/list-packs.ts';
import { removePack } from '../packs/catalogue/removal.ts';
import { isBad } from '../packs/index/open-index.ts';
import { INDEX } from '../packs/pack-name.ts';
import { type PackFiles, writeFiles } from '../packs/writer/write-pack.ts';

/** A pack to be written. */
export interface Replacement {
  readonly name: string;
  readonly files: PackFiles;
}

/**
 * Replaces packs by a new one, or deletes them if their rows are elsewhere. The new pack is written and read back before the first old one
 * is deleted, so that every row is in a pack at any time. False, with the old packs unchanged, if one of them was deleted meanwhile: its own
 * replacement may lack a row on purpose (`results rm`), and this one would restore the row. The other program either found the pack of this
 * replacement in its last listing, or had deleted its own before the check here.
 * @throws STORE_CORRUPT, with the old packs untouched
 */
export async function replacePacks(
  objects: ObjectStore,
  prefix: string,
  names: readonly string[],
  replacement: Replacement | undefined,
): Promise<boolean> {
  if (replacement !== undefined && !(await writeChecked(objects, `${prefix}${replacement.name}`, replacement.files))) return false;
  for (const name of names) {
    if ((await objects.head(`${prefix}${name}/${INDEX}`)) !== undefined) continue;
    if (replacement !== undefined) await removePack(objects, `${prefix}${replacement.name}`);
    return false;
  }
  for (const name of names) await removePack(objects, `${prefix}${name}`);
  return true;
}

/** False if another program has already replaced the new pack, or deleted its outputs. */
async function writeChecked(objects: ObjectStore, folder: string, files: PackFiles): Promise<boolean> {
  await writeFiles(objects, folder, files);
  for (const { name, bytes } of files) {
    const held = await objects.get(`${folder}/${name}`);
    if (held !== undefined && Buffer.compare(held.bytes, bytes) === 0) continue;
    if (held === undefined && !isBad(await whyAbsent(objects, folder, [name]))) return false;
    throw new ModelOpsError('STORE_CORRUPT', `${folder}/${name} differs from what was just written`, { hint: 'mops store check' });
  }
  return true;
}
