import type { BundleManifest } from '@modelops/contracts';
import { PROGRAMS } from './safe-path.ts';

export interface FileChange {
  readonly path: string;
  readonly change: 'added' | 'changed' | 'removed';
}

/** The differences between the files of two bundles, in order of path, without compiled programs. */
export function changesOf(before: BundleManifest['files'], after: BundleManifest['files']): FileChange[] {
  const old = new Map(before.map(({ path, digest }) => [path, digest]));
  const now = new Map(after.map(({ path, digest }) => [path, digest]));
  const paths = [...new Set([...old.keys(), ...now.keys()])].filter((path) => !path.startsWith(PROGRAMS)).sort();
  return paths.flatMap((path): FileChange[] => {
    if (!now.has(path)) return [{ path, change: 'removed' }];
    if (!old.has(path)) return [{ path, change: 'added' }];
    return old.get(path) === now.get(path) ? [] : [{ path, change: 'changed' }];
  });
}
