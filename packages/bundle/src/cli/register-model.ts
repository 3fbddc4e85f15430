import { defineCommand } from '@modelops/cli-kit';
import { exportedSources, resolveSource } from '@modelops/model-host';
import * as z from 'zod';
import type { BundleDeps } from '../deps.ts';
import { findBundleProject } from '../project/project.ts';
import { registerModel } from '../project/register.ts';

export const registerModelCommand = defineCommand({
  examples: [
    'modelops-bundle register-model models/seir.ts:StochasticSEIR',
    'modelops-bundle register-model models/seir.ts --data data/contacts.csv',
  ],
  args: z.object({ source: z.string().describe('models/seir.ts:EXPORT; without :EXPORT, every model of the file') }),
  options: z.object({
    data: z
      .array(z.string())
      .default([])
      .describe('Files that the model reads, as seen from the project folder')
      .meta({ placeholder: 'FILE' }),
  }),
  schema: 'modelops.bundle.register-model/v1',
  run: async ({ source, data }, { cwd }: BundleDeps) => {
    const dir = findBundleProject(cwd);
    const models = [];
    for (const name of await namesOf(dir, cwd, source)) models.push(await registerModel(dir, name, data, { cwd }));
    return { models };
  },
  human: ({ models }) =>
    [
      ...models.map(
        ({ source, parameters, scenarios, outputs }) =>
          `registered ${source}: ${parameters.length} parameters (${parameters.map(({ name }) => name).join(', ')}), scenarios ${scenarios.join(', ')}, outputs ${outputs.join(', ')}`,
      ),
      `next: cb sampling sobol ${models[0]?.source ?? 'MODEL'} --n-samples 256 --output study.json`,
    ].join('\n'),
});

async function namesOf(dir: string, cwd: string, source: string): Promise<string[]> {
  if (source.includes(':')) return [source];
  const file = resolveSource(dir, cwd, `${source}:x`, 'model').slice(0, -':x'.length);
  return exportedSources(dir, file, 'model');
}
