import { join } from 'node:path';
import { findEnvironment } from '@modelops/bundle/environments';
import { formatProcess, ownProcess } from '@modelops/system';
import { openStores } from '@modelops/worker/stores';
import type { OpenEnvironment } from './deps.ts';
import { thisMachine } from './engines/this-machine.ts';

/** Opens the named environment, or the project's at `cwd`; it loads no engine but its own. @throws ENVIRONMENT_NOT_FOUND, CONFIG_INVALID */
export async function openEnvironment(
  name: string | undefined,
  home: string,
  cwd: string,
  { isReadOnly, warn }: { readonly isReadOnly: boolean; readonly warn: (text: string) => void },
): Promise<OpenEnvironment> {
  const { environment, file } = await findEnvironment(name, { home, cwd });
  const cacheDir = join(home, 'cache');
  const stores = await openStores(environment, {
    cacheDir,
    isReadOnly,
    onOldForm: warn,
    onBadPack: ({ pack, reason }) => warn(`${isReadOnly ? 'ignored' : 'quarantined'} bad pack ${pack}: ${reason}`),
  });
  const machine = thisMachine(home, process.env);
  const engine = await openEngine(environment, { file, home, machine });
  const submitter = { ...machine, process: formatProcess(ownProcess()) };
  return { name: environment.environment, environment, stores, engine, machine: submitter, cacheDir };
}

/** `file`: where workers on this machine read the environment; undefined for `local` without a file. */
async function openEngine(
  environment: OpenEnvironment['environment'],
  { file, home, machine }: { readonly file: string | undefined; readonly home: string; readonly machine: OpenEnvironment['machine'] },
): Promise<OpenEnvironment['engine']> {
  if (environment.cluster !== undefined) {
    const { openKubernetesEngine } = await import('./engines/kubernetes/kubernetes-engine.ts');
    return openKubernetesEngine(environment);
  }
  const { createLocalEngine } = await import('./engines/local/local-engine.ts');
  const env = { ...process.env, MODELOPS_HOME: home, MODELOPS_ENVIRONMENT_FILE: file };
  return createLocalEngine({ dir: join(home, 'engine'), owner: machine, env });
}
