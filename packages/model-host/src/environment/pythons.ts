import { homedir } from 'node:os';
import { join } from 'node:path';
import { ensureEnvironment } from './build-environment.ts';
import { findPython, type Python } from './interpreter.ts';
import { findLock } from './lock.ts';

/** The Python interpreters of this machine. */
export interface Pythons {
  /** Where environments and descriptions of models are kept. */
  readonly cacheDir: string;
  /** The interpreter for the models of a project or bundle: one whose environment holds what the lock in `dir` lists. @throws PYTHON_NOT_FOUND, PYTHON_ENVIRONMENT_FAILED */
  open(dir: string): Promise<Python>;
}

export interface PythonsOptions {
  /** Environments are built in its folder `environments`. */
  readonly cacheDir: string;
  /** Path or name of the interpreter. Default: `python3`, else `python`. */
  readonly interpreter?: string | undefined;
  /** Called with a line of text where an environment is built. */
  readonly report?: (line: string) => void;
}

export function createPythons({ cacheDir, interpreter, report = () => undefined }: PythonsOptions): Pythons {
  let found: Promise<Python> | undefined;
  return {
    cacheDir,
    async open(dir) {
      found ??= findPython(interpreter);
      const base = await found;
      const lock = findLock(dir);
      return lock === undefined ? base : ensureEnvironment({ base, lock, dir, cacheDir, report });
    },
  };
}

/** As the environment variables say: `MODELOPS_PYTHON` names the interpreter, `MODELOPS_HOME` holds the cache. Reports to stderr. */
export function pythonsFrom(env: Readonly<Record<string, string | undefined>>): Pythons {
  const home = env.MODELOPS_HOME || join(env.HOME ?? homedir(), '.modelops');
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  return createPythons({ cacheDir: join(home, 'cache'), interpreter: env.MODELOPS_PYTHON || undefined, report });
}
