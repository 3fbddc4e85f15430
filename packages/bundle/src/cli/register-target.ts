import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { BundleDeps } from '../deps.ts';
import { findBundleProject } from '../project/project.ts';
import { namedSources, registerTarget } from '../project/register.ts';
import { targetText } from './list.ts';

export const command = defineCommand({
  examples: [
    'modelops-bundle register-target targets/prevalence.ts:prevalence',
    'modelops-bundle register-target targets/prevalence.py --set calibration --weight 2',
  ],
  args: z.object({
    source: z.string().describe('targets/prevalence.ts:EXPORT or targets/prevalence.py:NAME; without a name, every target of the file'),
  }),
  options: z.object({
    set: z
      .array(z.string())
      .default([])
      .describe('Target set to add it to, for mops jobs submit --target-set')
      .meta({ placeholder: 'NAME' }),
    weight: z
      .number()
      .positive()
      .optional()
      .describe('Weight of its loss in the weighted sum of these sets (default: the one it declares, or 1)'),
  }),
  schema: 'modelops.bundle.register-target/v1',
  document: async () => (await import('./documents.ts')).registerTarget,
  run: async ({ source, set, weight }, { cwd }: BundleDeps) => {
    const dir = findBundleProject(cwd);
    const targets = [];
    for (const name of await namedSources(dir, cwd, source, 'target'))
      targets.push(await registerTarget(dir, name, { cwd, sets: set, weight }));
    return { targets };
  },
  human: ({ targets }) =>
    [
      ...targets.map(
        ({ source, sets, unknown_outputs: _, ...target }) =>
          `registered ${source}: ${targetText(target)}${sets.length === 0 ? '' : `, in ${sets.join(', ')}`}`,
      ),
      'next: modelops-bundle push',
    ].join('\n'),
  notes: ({ targets }) =>
    targets
      .filter(({ unknown_outputs }) => unknown_outputs.length > 0)
      .map(({ source, unknown_outputs }) => `warning: no registered model has the output ${unknown_outputs.join(', ')} of ${source}`)
      .join('\n'),
});
