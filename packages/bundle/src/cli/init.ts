import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { BundleDeps } from '../deps.ts';
import { initProject } from '../project/project.ts';
import { envOption, REGISTER } from './options.ts';

export const command = defineCommand({
  examples: ['modelops-bundle init epi-sim', 'modelops-bundle init team/nested/epi-sim --env dev'],
  args: z.object({ name: z.string().describe('Any repository name that OCI allows, slashes included') }),
  options: z.object({ env: envOption }),
  schema: 'modelops.bundle.init/v1',
  document: async () => (await import('./documents.ts')).init,
  run: async ({ name, env }, { cwd, environment }: BundleDeps) => initProject(cwd, name, await environment(env)),
  human: ({ dir, registry_ref, is_new }) => `${is_new ? 'initialised' : 'already'} ${registry_ref} in ${dir}\nnext: ${REGISTER}`,
});
