import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestOf } from '@modelops/contracts';

/** The file that fixes the packages of a project's Python models. */
export interface PythonLock {
  readonly file: (typeof LOCK_FILES)[number];
  readonly digest: Digest;
}

const LOCK_FILES = ['uv.lock', 'pylock.toml', 'requirements.txt'] as const;

/** The first of uv.lock, pylock.toml and requirements.txt in a project's folder; undefined where its models need the standard library alone. */
export function findLock(dir: string): PythonLock | undefined {
  for (const file of LOCK_FILES) {
    try {
      return { file, digest: digestOf(readFileSync(join(dir, file))) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return undefined;
}
