import { fileURLToPath } from 'node:url';

/** The file of a program that this package starts: next to the calling built file, or in this package's dist when run from source. */
export function programPath(name: 'node-host' | 'command-host' | 'describe-host'): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? `../dist/${name}.js` : `./${name}.js`, here));
}

/** The folder of the Python package `modelops`, which is shipped with this program. */
export function pythonPackages(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? '../../sdk-python/src' : './python', here));
}

/** The arguments of the interpreter for a Python host. */
export const HOST_ARGS = ['-m', 'modelops._host'];

/**
 * Variables of every Python host: the folder of the package `modelops`, equal string hashes in all processes, and no bytecode in the read-only
 * folder of the sources.
 */
export function pythonEnvironment(): Record<string, string> {
  return { PYTHONPATH: pythonPackages(), PYTHONHASHSEED: '0', PYTHONSAFEPATH: '1', PYTHONDONTWRITEBYTECODE: '1' };
}
