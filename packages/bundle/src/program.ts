import type { Program } from '@modelops/cli-kit';
import type { BundleDeps } from './deps.ts';
import { version } from './version.ts';

/** The program `modelops-bundle`. */
export const modelopsBundle: Program<BundleDeps> = {
  name: 'modelops-bundle',
  summary: 'Freeze a model’s code and data as an OCI artifact',
  version,
  groups: { env: 'Lock, build and show the Python environment of the project' },
  commands: [
    {
      name: 'init',
      summary: 'Make this folder a bundle project; its name becomes the repository',
      load: async () => (await import('./cli/init.ts')).init,
    },
    {
      name: 'register-model',
      summary: 'Register a model and its declarations in the project',
      load: async () => (await import('./cli/register-model.ts')).registerModelCommand,
    },
    {
      name: 'register-target',
      summary: 'Register a target: the comparison of a model output with observed data',
      load: async () => (await import('./cli/register-target.ts')).registerTargetCommand,
    },
    {
      name: 'unregister-model',
      summary: 'Remove a model from the project’s registry',
      load: async () => (await import('./cli/unregister.ts')).unregisterModelCommand,
    },
    {
      name: 'unregister-target',
      summary: 'Remove a target from the project’s registry and its sets',
      load: async () => (await import('./cli/unregister.ts')).unregisterTargetCommand,
    },
    {
      name: 'unregister-target-set',
      summary: 'Remove a target set; its targets stay registered',
      load: async () => (await import('./cli/unregister.ts')).unregisterTargetSetCommand,
    },
    {
      name: 'env lock',
      summary: 'Compile requirements.txt to versions and hashes, and show the lock of the Python models',
      load: async () => (await import('./cli/env.ts')).envLock,
    },
    {
      name: 'env build',
      summary: 'Build the Python environment of the project',
      load: async () => (await import('./cli/env.ts')).envBuild,
    },
    {
      name: 'env show',
      summary: 'Show the lock, the packages and the interpreter of the Python models',
      load: async () => (await import('./cli/env.ts')).envShow,
    },
    {
      name: 'push',
      summary: 'Freeze the project as a bundle and upload the missing parts to the registry',
      load: async () => (await import('./cli/push.ts')).push,
    },
    {
      name: 'pull',
      summary: 'Write the sources and data of a pushed bundle into a folder',
      load: async () => (await import('./cli/pull.ts')).pull,
    },
    {
      name: 'list',
      summary: 'List registered models and targets, and the tags of the repository',
      load: async () => (await import('./cli/list.ts')).list,
    },
    {
      name: 'status',
      summary: 'Compare the working tree with the last push',
      load: async () => (await import('./cli/status.ts')).status,
    },
  ],
};
