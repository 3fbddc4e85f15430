import { setTimeout as pause } from 'node:timers/promises';
import { processIo, runProgram } from '@modelops/cli-kit';
import { keepCompiledCode, modelopsHome } from '@modelops/system';
import type { MopsDeps } from './deps.ts';
import { openInfraDeps } from './infra/infra-deps.ts';
import { mops } from './program.ts';

let isAbandoned = false;

keepCompiledCode(process.env, process.cwd());

process.exitCode = await runProgram<MopsDeps>({
  ...mops,
  argv: process.argv.slice(2),
  io: processIo(),
  deps: async ({ reporter, signal, cwd, env }) => {
    const { openEnvironment } = await import('./open-environment.ts');
    const home = modelopsHome(env, cwd);
    return {
      reporter,
      signal,
      readStdin: async () => (await import('./read-input.ts')).readText(process.stdin),
      abandon: () => {
        isAbandoned = true;
      },
      clock: () => performance.now(),
      sleep: (milliseconds, until) => pause(milliseconds, undefined, until && { signal: until }).catch(() => undefined),
      ...openInfraDeps({ home, cwd, connectionString: env.MODELOPS_STORAGE_CONNECTION_STRING }),
      open: (name, { repairs = false } = {}) =>
        openEnvironment(name, home, cwd, { isReadOnly: !repairs, warn: (text) => reporter.warn(text) }),
    };
  },
});

// Threads of a library may still compute results that are no longer needed, and a normal exit would wait for them. All output has been written.
if (isAbandoned) process.kill(process.pid, 'SIGKILL');
