import { pythonPackages } from '../../programs.ts';

/** The interpreter of a Python host, whose environment has the packages that the model imports. */
export interface PythonCommand {
  readonly interpreter: string;
}

export const HOST_ARGS = ['-m', 'modelops._host'];

/**
 * Variables of every Python host: the folder of the package `modelops`, equal string hashes in all processes, and no bytecode in the read-only
 * folder of the sources.
 */
export function pythonEnvironment(): Record<string, string> {
  return { PYTHONPATH: pythonPackages(), PYTHONHASHSEED: '0', PYTHONSAFEPATH: '1', PYTHONDONTWRITEBYTECODE: '1' };
}
