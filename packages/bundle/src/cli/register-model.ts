import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { BundleDeps } from '../deps.ts';
import { findBundleProject, withPython } from '../project/project.ts';
import { namedSources, registerModel } from '../project/register.ts';
import { pythonOption } from './options.ts';

export const command = defineCommand({
  examples: [
    'modelops-bundle register-model models/seir.ts:StochasticSEIR',
    'modelops-bundle register-model models/seir.ts --data data/contacts.csv',
    'modelops-bundle register-model models/sir.py --python active',
    'modelops-bundle register-model modelops.yaml',
  ],
  args: z.object({
    source: z.string().describe('models/seir.ts:EXPORT, models/sir.py:NAME or modelops.yaml:NAME; without a name, every model of the file'),
  }),
  options: z.object({
    data: z
      .array(z.string())
      .default([])
      .describe('Files that the model reads, relative to the project folder; files declared before are kept')
      .meta({ placeholder: 'FILE' }),
    removeData: z.array(z.string()).default([]).describe('Declared files to remove').meta({ placeholder: 'FILE' }),
    python: pythonOption,
    detectData: z.boolean().default(false).describe('Also declare the project’s files that a trial run of the model opens'),
  }),
  schema: 'modelops.bundle.register-model/v1',
  document: async () => (await import('./documents.ts')).registerModel,
  run: async ({ source, data, removeData, detectData, python }, { cwd }: BundleDeps) => {
    const dir = findBundleProject(cwd);
    return withPython(dir, python, async () => {
      const models = [];
      for (const name of await namedSources(dir, cwd, source, 'model'))
        models.push(await registerModel(dir, name, { cwd, data, removeData, detectData }));
      return { models };
    });
  },
  human: ({ models }) =>
    [
      ...models.map(
        ({ source, parameters, scenarios, outputs, data }) =>
          `registered ${source}: ${parameters.length} parameters (${parameters.map(({ name }) => name).join(', ')}), scenarios ${scenarios.join(', ')}, outputs ${outputs.join(', ')}${data.length === 0 ? '' : `, data ${data.join(', ')}`}`,
      ),
      `next: cb sampling sobol ${models[0]?.source ?? 'MODEL'} --n-samples 256 --output study.json`,
    ].join('\n'),
  notes: ({ models }) => models.flatMap(warningsOf).join('\n'),
});

function warningsOf({ source, undeclared, outside, trial_problem }: Awaited<ReturnType<typeof registerModel>>): string[] {
  const warnings: string[] = [];
  if (undeclared.length > 0) {
    const flags = undeclared.map((file) => `--data ${file}`).join(' ');
    warnings.push(`warning: ${source} opens undeclared files: ${undeclared.join(', ')}`);
    warnings.push(`  they do not exist in a job; to declare them: modelops-bundle register-model ${source} ${flags}`);
  }
  if (outside.length > 0) {
    warnings.push(`warning: ${source} opens files outside the project: ${outside.join(', ')}`);
    warnings.push('  changing them does not invalidate results; move them into the project and declare them');
  }
  if (trial_problem !== null) warnings.push(`warning: cannot list all files that ${source} opens: ${trial_problem}`);
  return warnings;
}
