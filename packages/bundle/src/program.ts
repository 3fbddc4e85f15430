import type { LazyCommand, Program } from '@modelops/cli-kit';
import type { BundleDeps } from './deps.ts';

const listed = (name: string, summary: string, load: () => Promise<unknown>): LazyCommand<BundleDeps> => ({
  name,
  summary,
  load: load as LazyCommand<BundleDeps>['load'],
});

/** The program `modelops-bundle`. */
export const modelopsBundle: Program<BundleDeps> = {
  name: 'modelops-bundle',
  summary: 'Freeze a model’s code and data as an OCI artifact',
  version: '0.1.0',
  commands: [
    listed('init', 'Make this folder a bundle project; its name becomes the repository', async () => (await import('./cli/init.ts')).init),
    listed(
      'register-model',
      'Register a model: what it declares goes into the bundle’s registry',
      async () => (await import('./cli/register-model.ts')).registerModelCommand,
    ),
    listed(
      'register-target',
      'Register a target: observed data and how far a simulation is from it',
      async () => (await import('./cli/register-target.ts')).registerTargetCommand,
    ),
    listed(
      'push',
      'Freeze the project as a bundle and send what the registry lacks of it',
      async () => (await import('./cli/push.ts')).push,
    ),
    listed('list', 'List what the project registers, and the tags of its repository', async () => (await import('./cli/list.ts')).list),
  ],
};
