import { homedir } from 'node:os';
import { join } from 'node:path';
import { openActive } from './active.ts';
import { ensureEnvironment } from './build-environment.ts';
import { ensureLock } from './compile-lock.ts';
import type { UvChoice } from './installer.ts';
import { findPython, type Python } from './interpreter.ts';
import { isActivePython } from './lock.ts';

/** The Python interpreters of this machine. */
export interface Pythons {
  /** Where environments and descriptions of models are kept. */
  readonly cacheDir: string;
  /** The interpreter that environments are made with, and whose packages `--python active` uses. @throws PYTHON_NOT_FOUND */
  base(): Promise<Python>;
  /**
   * The interpreter for the models of a project or bundle: one whose environment holds what the lock in `dir` lists. A requirements.txt without
   * hashes is compiled first. @throws PYTHON_NOT_FOUND, PYTHON_ENVIRONMENT_FAILED, PACKAGE_INDEX_UNREACHABLE
   */
  open(dir: string, options?: { readonly afresh?: boolean }): Promise<Python>;
}

export interface PythonsOptions {
  /** Environments are built in its folder `environments`. */
  readonly cacheDir: string;
  /** Path or name of the interpreter. Default: `python3`, else `python`. */
  readonly interpreter?: string | undefined;
  /** Default: `uv` where it is on the PATH. */
  readonly uv?: UvChoice;
  /** Called with a line of text where an environment is built. */
  readonly report?: (line: string) => void;
}

export function createPythons({ cacheDir, interpreter, uv, report = () => undefined }: PythonsOptions): Pythons {
  let found: Promise<Python> | undefined;
  const base = () => {
    found ??= findPython(interpreter, cacheDir);
    return found;
  };
  return {
    cacheDir,
    base,
    async open(dir, { afresh = false } = {}) {
      const python = await base();
      if (isActivePython(dir)) return openActive(python, dir);
      const lock = await ensureLock({ base: python, dir, uv, report });
      return lock === undefined ? python : ensureEnvironment({ base: python, lock, dir, cacheDir, uv, report, afresh });
    },
  };
}

/** As the environment variables say: `MODELOPS_PYTHON` names the interpreter, `MODELOPS_HOME` holds the cache. Reports to stderr. */
export function pythonsFrom(env: Readonly<Record<string, string | undefined>>): Pythons {
  const home = env.MODELOPS_HOME || join(env.HOME ?? homedir(), '.modelops');
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  return createPythons({ cacheDir: join(home, 'cache'), interpreter: env.MODELOPS_PYTHON || undefined, report });
}
