import { ModelOpsError } from '@modelops/contracts';
import type { Python } from '../environment/interpreter.ts';
import { HOST_ARGS, programPath, pythonEnvironment } from '../programs.ts';
import type { ProgramHost } from '../source/program.ts';
import { type ChildHostOptions, createChildHostStarter } from './child-host.ts';
import { SOURCES_VARIABLE } from './messages.ts';
import type { HostStarter } from './model-host.ts';

interface DebuggedHostsOptions {
  readonly host: ProgramHost;
  /** The folder that the model runs in. */
  readonly view: string;
  /** The bundle's files, which hold the sources of a compiled model. */
  readonly bundleDir: string;
  readonly python: () => Promise<Python>;
}

/** Read by hosts in `provide-sdk.ts` and `_model_host.py`. */
const DEBUGGED = { MODELOPS_DEBUGGER: '1' };

/** The longest delay of a timer: 24 days. */
const UNLIMITED_MS = 2 ** 31 - 1;

/**
 * Hosts on this process's terminal that stop at the first line of the model: in pdb (Python), or in the inspector, which waits on 127.0.0.1 for a
 * debugger to attach (Node). @throws MODEL_INVALID for other models
 */
export async function createDebuggedHosts({ host, view, bundleDir, python }: DebuggedHostsOptions): Promise<HostStarter> {
  const common = { cwd: view, timeoutMs: UNLIMITED_MS, onOutput: () => undefined, isForeground: true } as const;
  const startOn = (options: Pick<ChildHostOptions, 'command' | 'args' | 'env'>) => createChildHostStarter({ ...common, ...options });
  switch (host) {
    case 'node':
      return startOn({ command: process.execPath, args: [programPath('node-host')], env: { ...DEBUGGED, [SOURCES_VARIABLE]: bundleDir } });
    case 'python': {
      const hosts = startOn({ command: (await python()).interpreter, args: HOST_ARGS, env: { ...pythonEnvironment(), ...DEBUGGED } });
      return { start: (load) => hosts.start({ ...load, isolation: 'warm' } as typeof load) };
    }
    default:
      throw new ModelOpsError('MODEL_INVALID', `cannot debug a ${String(host)} model`, { hint: 'repeat without --debugger' });
  }
}
