import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processIo, runProgram } from '@modelops/cli-kit';
import type { MopsDeps, OpenEnvironment } from './deps.ts';
import { openInfraDeps } from './infra/open-infra-deps.ts';
import { mops } from './program.ts';

async function openEnvironment(
  name: string | undefined,
  home: string,
  cwd: string,
  { isReadOnly, warn }: { readonly isReadOnly: boolean; readonly warn: (text: string) => void },
): Promise<OpenEnvironment> {
  const [{ findEnvironment }, { openStores }] = await Promise.all([
    import('@modelops/bundle/environments'),
    import('@modelops/worker/stores'),
  ]);
  const { environment, file } = await findEnvironment(name, { home, cwd });
  const cacheDir = join(home, 'cache');
  const stores = await openStores(environment, {
    cacheDir,
    isReadOnly,
    onOldForm: warn,
    onBadPack: ({ pack, reason }) => warn(`${isReadOnly ? 'ignored' : 'quarantined'} bad pack ${pack}: ${reason}`),
  });
  const { thisMachine, withThisProcess } = await import('./engines/this-machine.ts');
  const machine = thisMachine(home, process.env);
  const engine = await openEngine(environment, { file, home, machine });
  return { name: environment.environment, environment, stores, engine, machine: withThisProcess(machine), cacheDir };
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

let isAbandoned = false;

process.exitCode = await runProgram<MopsDeps>({
  ...mops,
  argv: process.argv.slice(2),
  io: processIo(),
  deps: async ({ reporter, signal, cwd, env }) => {
    const { modelopsHome } = await import('@modelops/bundle/environments');
    const home = modelopsHome(env, cwd);
    return {
      reporter,
      signal,
      cwd,
      home,
      readStdin: async () => (await import('./read-input.ts')).readText(process.stdin),
      abandon: () => {
        isAbandoned = true;
      },
      clock: () => performance.now(),
      sleep: (milliseconds, until) => pause(milliseconds, undefined, until && { signal: until }).catch(() => undefined),
      ...openInfraDeps({ home, connectionString: env.MODELOPS_STORAGE_CONNECTION_STRING }),
      open: (name, { repairs = false } = {}) =>
        openEnvironment(name, home, cwd, { isReadOnly: !repairs, warn: (text) => reporter.warn(text) }),
    };
  },
});

// Threads of a library may still compute results that are no longer needed, and a normal exit would wait for them. All output has been written.
if (isAbandoned) process.kill(process.pid, 'SIGKILL');
