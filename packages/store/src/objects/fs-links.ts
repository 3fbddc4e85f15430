import type { BigIntStats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import { codeOf, isAbsent } from '@modelops/system';

/** The error of a path that is a link, a FIFO, a socket or a device. A shared store may contain anything that one of its users put there. */
export function notAnObject(path: string, found: BigIntStats): ModelOpsError {
  return new ModelOpsError('STORE_CORRUPT', `${path} is ${kindOf(found)}, not a regular file`, {
    hint: `ModelOps never creates one: remove it with rm ${JSON.stringify(path)}`,
  });
}

function kindOf(found: BigIntStats): string {
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isFIFO()) return 'a FIFO';
  if (found.isSocket()) return 'a socket';
  return found.isDirectory() ? 'a folder' : 'a device';
}

/**
 * Checks that neither `folder` nor a folder between it and `root` is a link; `root` itself may be one. A folder that does
 * not exist passes. Costs one system call in the normal case.
 * @throws STORE_CORRUPT naming the link
 */
export function createLinkGuard(root: string): (folder: string) => Promise<void> {
  let realRoot: string | undefined;
  /** The real path of the root is read once, and again when it does not match. */
  const isUnderRoot = async (real: string, below: string): Promise<boolean> => {
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
    if (real === undefined || (await isUnderRoot(real, below))) return;
    let path = root;
    for (const part of below.split(sep)) {
      path = join(path, part);
      const found = await lstat(path, { bigint: true });
      if (found.isSymbolicLink()) throw notAnObject(path, found);
    }
  };
}
