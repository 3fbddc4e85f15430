import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder of environments, local stores and caches; absolute, because workers run in other folders than `cwd`. */
export function modelopsHome(env: Readonly<Record<string, string | undefined>>, cwd: string): string {
  return resolve(cwd, env.MODELOPS_HOME || join(env.HOME ?? homedir(), '.modelops'));
}
