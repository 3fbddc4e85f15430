import type { Program } from '@modelops/cli-kit';
import type { BundleDeps } from './deps.ts';
import { version } from './version.ts';

/** The program `modelops-bundle`. */
export const modelopsBundle: Program<BundleDeps> = {
  name: 'modelops-bundle',
  summary: 'Freeze a model’s code and data as an OCI artifact',
  version,
  commands: [
    {
      name: 'init',
      summary: 'Make this folder a bundle project; its name becomes the repository',
      load: async () => (await import('./cli/init.ts')).init,
    },
    {
      name: 'register-model',
      summary: 'Register a model: what it declares goes into the bundle’s registry',
      load: async () => (await import('./cli/register-model.ts')).registerModelCommand,
    },
    {
      name: 'register-target',
      summary: 'Register a target: observed data and how far a simulation is from it',
      load: async () => (await import('./cli/register-target.ts')).registerTargetCommand,
    },
    {
      name: 'push',
      summary: 'Freeze the project as a bundle and send what the registry lacks of it',
      load: async () => (await import('./cli/push.ts')).push,
    },
    {
      name: 'pull',
      summary: 'Bring the sources and data of a pushed bundle into a folder',
      load: async () => (await import('./cli/pull.ts')).pull,
    },
    {
      name: 'list',
      summary: 'List what the project registers, and the tags of its repository',
      load: async () => (await import('./cli/list.ts')).list,
    },
    {
      name: 'status',
      summary: 'Show whether the working tree differs from what was pushed last',
      load: async () => (await import('./cli/status.ts')).status,
    },
  ],
};
