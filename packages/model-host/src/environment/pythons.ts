import { join } from 'node:path';
import { modelopsHome } from '@modelops/system';
import { openActive } from './active.ts';
import { ensureEnvironment } from './build-environment.ts';
import { ensureLock } from './compile-lock.ts';
import type { UvChoice } from './installer.ts';
import { findPython, type Python } from './interpreter.ts';
import { isActivePython } from './lock.ts';

/** The Python interpreters of this machine. */
export interface Pythons {
  /** The folder of environments and cached descriptions of models. */
  readonly cacheDir: string;
  /** The interpreter from which environments are built, and whose packages `--python active` uses. @throws PYTHON_NOT_FOUND */
  base(): Promise<Python>;
  /**
   * The interpreter for the models of a project or bundle, with the packages of the lock in `dir`. A requirements.txt without
   * hashes is compiled first. @throws PYTHON_NOT_FOUND, PYTHON_ENVIRONMENT_FAILED, PACKAGE_INDEX_UNREACHABLE
   */
  open(dir: string, options?: { readonly rebuild?: boolean }): Promise<Python>;
}

export interface PythonsOptions {
  /** Environments are built in its folder `environments`. */
  readonly cacheDir: string;
  /** Path or name of the interpreter. Default: `python3`, otherwise `python`. */
  readonly interpreter?: string | undefined;
  /** Default: `uv` if it is on the PATH. */
  readonly uv?: UvChoice;
  /** Called with one line for each long step. */
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
    async open(dir, { rebuild = false } = {}) {
      const python = await base();
      if (isActivePython(dir)) return openActive(python, dir);
      const lock = await ensureLock({ base: python, dir, uv, report });
      return lock === undefined ? python : ensureEnvironment({ base: python, lock, dir, cacheDir, uv, report, rebuild });
    },
  };
}

/** Configured by environment variables: `MODELOPS_PYTHON` is the interpreter, `MODELOPS_HOME` contains the cache. Reports to stderr. */
export function pythonsFrom(env: Readonly<Record<string, string | undefined>>): Pythons {
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  return createPythons({
    cacheDir: join(modelopsHome(env, process.cwd()), 'cache'),
    interpreter: env.MODELOPS_PYTHON || undefined,
    report,
  });
}
