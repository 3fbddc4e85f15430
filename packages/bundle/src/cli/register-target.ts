import { defineCommand } from '@modelops/cli-kit';
import { z } from 'zod';
import type { BundleDeps } from '../deps.ts';
import { findProject } from '../project/project.ts';
import { registerTarget } from '../project/register.ts';

export const registerTargetCommand = defineCommand({
  name: 'register-target',
  summary: 'Register a target: observed data and how far a simulation is from it',
  examples: ['modelops-bundle register-target targets/prevalence.ts:prevalence'],
  args: z.object({ source: z.string().describe('targets/prevalence.ts:EXPORT') }),
  options: z.object({}),
  schema: 'modelops.bundle.register-target/v1',
  run: async ({ source }, { cwd }: BundleDeps) => registerTarget(await findProject(cwd), source, { cwd }),
  human: ({ source, output, data }) =>
    `registered ${source}: output ${output}${data === null ? '' : `, observed ${data}`}\nnext: modelops-bundle push`,
});
