import type { Python } from '../../environment/interpreter.ts';
import { HOST_ARGS, pythonEnvironment } from '../../programs.ts';
import { type ChildHostOptions, createChildHostStarter, loadTwice } from '../child-host.ts';
import type { LoadMessage } from '../messages.ts';
import type { HostStarter } from '../model-host.ts';
import { createReaper, type Reaper } from '../reaper.ts';
import { type ForkParent, openForkParent } from './fork-parent.ts';

export interface PythonHostsOptions extends Omit<ChildHostOptions, 'command' | 'args' | 'env'> {
  readonly python: Pick<Python, 'interpreter'>;
}

/**
 * Hosts of a Python model. One process imports it, and each host is a fork of that process; if forking is not safe, because the import started
 * threads or the system is not Linux, each host imports the model itself.
 */
export function createPythonHosts({ python, ...rest }: PythonHostsOptions): HostStarter {
  const options: ChildHostOptions = { ...rest, command: python.interpreter, args: HOST_ARGS, env: pythonEnvironment() };
  const whole = createChildHostStarter(options);
  let reaper: Reaper | undefined;
  let opening: Promise<ForkParent> | undefined;
  const open = (load: LoadMessage): Promise<ForkParent> => {
    reaper ??= createReaper();
    const forget = () => {
      if (opening === parent) opening = undefined;
    };
    const parent = loadTwice(() => openForkParent(options, load, reaper!, forget));
    parent.catch(forget);
    return parent;
  };
  return {
    async start(load) {
      opening ??= open(load);
      const parent = await opening;
      if (parent.canFork) return parent.fork();
      await parent.kill();
      return whole.start(load);
    },
  };
}
