import { existsSync, mkdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { modelopsHome } from './modelops-home.ts';

/**
 * Has Node keep the compiled code of what this program loads from now on, so that later commands start a tenth faster. Node can do that from version 22.1 on.
 * It runs what it finds, so the folder is not in the cache, which others may write to; one that is not only this user's, or not writable, or in a home that does not exist yet, is not used.
 */
export function keepCompiledCode(env: Readonly<Record<string, string | undefined>>, cwd: string): void {
  const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };
  if (enableCompileCache === undefined) return;
  const folder = join(modelopsHome(env, cwd), 'code');
  if (isOwn(folder)) enableCompileCache(folder);
}

function isOwn(folder: string): boolean {
  try {
    // Not recursive: in a folder such as /proc, which lets nobody create one, Node would try for ever.
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    const { uid, mode } = statSync(folder, { bigint: true });
    return uid === BigInt(process.getuid!()) && (mode & 0o022n) === 0n;
  } catch {
    return false;
  }
}
