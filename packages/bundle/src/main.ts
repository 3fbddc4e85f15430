import { processIo, runProgram } from '@modelops/cli-kit';
import { keepCompiledCode, modelopsHome } from '@modelops/system';
import type { BundleDeps } from './deps.ts';
import { modelopsBundle } from './program.ts';

keepCompiledCode(process.env, process.cwd());

process.exitCode = await runProgram<BundleDeps>({
  ...modelopsBundle,
  argv: process.argv.slice(2),
  io: processIo(),
  deps: async ({ cwd, env }) => {
    const { loadEnvironment } = await import('./project/environments.ts');
    const home = modelopsHome(env, cwd);
    return { cwd, home, environment: (name) => loadEnvironment(name, { home, cwd }) };
  },
});
