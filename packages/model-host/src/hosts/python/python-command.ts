import { pythonPackages } from '../../programs.ts';

/** How a Python host is started: the interpreter, whose environment has what the model imports. */
export interface PythonCommand {
  readonly interpreter: string;
}

export const HOST_ARGS = ['-m', 'modelops._host'];

/**
 * Variables of every Python host: where the package `modelops` lies, the same hashes of strings in each process, and no bytecode beside the
 * sources, which lie in a folder that may only be read.
 */
export function pythonEnvironment(): Record<string, string> {
  return { PYTHONPATH: pythonPackages(), PYTHONHASHSEED: '0', PYTHONSAFEPATH: '1', PYTHONDONTWRITEBYTECODE: '1' };
}
