import { listCommands, type Program } from '@modelops/cli-kit';
import type { BundleDeps } from './deps.ts';
import { version } from './version.ts';

const registration = listCommands<BundleDeps>('', {
  init: ['Make this folder a bundle project; its name becomes the repository', () => import('./cli/init.ts')],
  'register-model': ['Register a model and its declarations in the project', () => import('./cli/register-model.ts')],
  'register-target': ['Register a target: the comparison of a model output with observed data', () => import('./cli/register-target.ts')],
  'unregister-model': [
    'Remove a model from the project’s registry',
    async () => ({ command: (await import('./cli/unregister.ts')).unregisterModelCommand }),
  ],
  'unregister-target': [
    'Remove a target from the project’s registry and its sets',
    async () => ({ command: (await import('./cli/unregister.ts')).unregisterTargetCommand }),
  ],
  'unregister-target-set': [
    'Remove a target set; its targets stay registered',
    async () => ({ command: (await import('./cli/unregister.ts')).unregisterTargetSetCommand }),
  ],
});

const env = listCommands<BundleDeps>('env', {
  lock: [
    'Compile requirements.txt to versions and hashes, and show the lock of the Python models',
    async () => ({ command: (await import('./cli/env.ts')).envLock }),
  ],
  build: ['Build the Python environment of the project', async () => ({ command: (await import('./cli/env.ts')).envBuild })],
  show: [
    'Show the lock, the packages and the interpreter of the Python models',
    async () => ({ command: (await import('./cli/env.ts')).envShow }),
  ],
});

const bundles = listCommands<BundleDeps>('', {
  push: ['Freeze the project as a bundle and upload the missing parts to the registry', () => import('./cli/push.ts')],
  pull: ['Write the sources and data of a pushed bundle into a folder', () => import('./cli/pull.ts')],
  list: ['List registered models and targets, and the tags of the repository', () => import('./cli/list.ts')],
  status: ['Compare the working tree with the last push', () => import('./cli/status.ts')],
});

/** The program `modelops-bundle`. */
export const modelopsBundle: Program<BundleDeps> = {
  name: 'modelops-bundle',
  summary: 'Freeze a model’s code and data as an OCI artifact',
  version,
  groups: { env: 'Lock, build and show the Python environment of the project' },
  commands: [...registration, ...env, ...bundles],
};
