import type { BigIntStats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import { codeOf, isAbsent } from '@modelops/system';

/** The error of a path that is a link, a FIFO, a socket or a device. The store of a team may hold anything that a member put there. */
export function notAnObject(path: string, found: BigIntStats): ModelOpsError {
  return new ModelOpsError('STORE_CORRUPT', `${path} is ${kindOf(found)}, not a regular file`, {
    hint: `the store's own programs never make one: remove it with rm ${JSON.stringify(path)}`,
  });
}

function kindOf(found: BigIntStats): string {
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isFIFO()) return 'a FIFO';
  if (found.isSocket()) return 'a socket';
  return found.isDirectory() ? 'a folder' : 'a device';
}

/**
 * Checks that no folder between `root` and `folder`, both included in the path but `root` itself, is a link; `root` may be one. A folder that does
 * not exist passes. One system call where nothing is wrong.
 * @throws STORE_CORRUPT naming the link
 */
export function createLinkGuard(root: string): (folder: string) => Promise<void> {
  let realRoot: string | undefined;
  /** Where the root leads is read once, and again when it does not fit. */
  const leadsTo = async (real: string, below: string): Promise<boolean> => {
    if (realRoot !== undefined && real === join(realRoot, below)) return true;
    realRoot = await realpath(root);
    return real === join(realRoot, below);
  };
  return async function refuseLinks(folder) {
    const below = relative(root, folder);
    if (below === '') return;
    const real = await realpath(folder).catch(async (error: unknown) => {
      const found = await lstat(folder, { bigint: true }).catch(() => undefined); // absent
      if (found?.isSymbolicLink()) throw notAnObject(folder, found);
      if (isAbsent(error)) return refuseLinks(dirname(folder));
      if (codeOf(error) !== 'ELOOP') throw error;
      return '';
    });
    if (real === undefined || (await leadsTo(real, below))) return;
    let path = root;
    for (const part of below.split(sep)) {
      path = join(path, part);
      const found = await lstat(path, { bigint: true });
      if (found.isSymbolicLink()) throw notAnObject(path, found);
    }
  };
}
