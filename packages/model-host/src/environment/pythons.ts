import { homedir } from 'node:os';
import { join } from 'node:path';
import { findPython, type Python } from './interpreter.ts';

/** The Python interpreters of this machine. */
export interface Pythons {
  /** The interpreter for the models of a project or bundle: one whose environment holds what the lock in `dir` lists. @throws PYTHON_NOT_FOUND, PYTHON_ENVIRONMENT_FAILED */
  open(dir: string): Promise<Python>;
}

export interface PythonsOptions {
  /** Environments are built in its folder `environments`. */
  readonly cacheDir: string;
  /** Path or name of the interpreter. Default: `python3`, else `python`. */
  readonly interpreter?: string | undefined;
}

export function createPythons({ interpreter }: PythonsOptions): Pythons {
  let found: Promise<Python> | undefined;
  return {
    open() {
      found ??= findPython(interpreter);
      return found;
    },
  };
}

/** As the environment variables say: `MODELOPS_PYTHON` names the interpreter, `MODELOPS_HOME` holds the cache. */
export function pythonsFrom(env: Readonly<Record<string, string | undefined>>): Pythons {
  const home = env.MODELOPS_HOME || join(env.HOME ?? homedir(), '.modelops');
  return createPythons({ cacheDir: join(home, 'cache'), interpreter: env.MODELOPS_PYTHON || undefined });
}
