import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleEnvironment } from '@modelops/contracts';
import { getBounded, MAX_BYTES, type ObjectStore, trimFolder } from '@modelops/store';
import { writeFileAtomically } from '@modelops/system';

/** Objects of a store as files on this machine, for a library that reads files. */
export interface LocalFiles {
  /** The file of a key's immutable object once its bytes are sound; 'absent' or 'changed' otherwise. `bytes`: the object, where the caller has it. */
  fileOf(
    key: string,
    isSound: (bytes: Uint8Array) => boolean,
    bytes?: Uint8Array,
  ): Promise<{ readonly path: string } | 'absent' | 'changed'>;
}

/** Maximum size of the files cached on this machine, bytes. */
const KEPT_BYTES = 4 * 2 ** 30;

/** Files of a folder store in place; those of any other store as copies under `dir`. */
export async function openLocalFiles(
  objects: Pick<ObjectStore, 'get' | 'head'>,
  storage: BundleEnvironment['storage'],
  dir: string,
): Promise<LocalFiles> {
  const isInPlace = storage.provider === 'fs';
  if (!isInPlace) await trimFolder(dir, KEPT_BYTES); // before any file of it is used
  return {
    async fileOf(key, isSound, held) {
      const path = join(isInPlace ? storage.path! : dir, key);
      const kept = isInPlace ? undefined : await readFile(path).catch(() => undefined); // absent: download it
      if (kept !== undefined && isSound(kept)) return { path };
      const bytes = held ?? (await getBounded(objects, key, MAX_BYTES.output))?.bytes;
      if (bytes === undefined) return 'absent';
      if (held === undefined && !isSound(bytes)) return 'changed';
      if (!isInPlace) await writeFileAtomically(path, bytes, { sync: false });
      return { path };
    },
  };
}
