import { defineCommand, formatCount } from '@modelops/cli-kit';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { parameterTable } from '../space/present-parameters.ts';
import { designOf } from '../study/design-of.ts';
import { distinctEntries } from '../study/entries.ts';
import { readStudy } from '../study/read-study.ts';

export const command = defineCommand({
  examples: ['cb study show study.json', 'cb study show study.json --json'],
  args: z.object({ file: z.string().describe('A study') }),
  options: z.object({}),
  schema: 'modelops.cb.study-summary/v1',
  document: async () => (await import('../documents.ts')).studySummary,
  run: async ({ file }, deps: CbDeps) => {
    const { parameter_sets, ...header } = (await readStudy(file, deps)).study;
    const sets = distinctEntries(parameter_sets).length;
    return { file, ...header, parameter_sets: sets, repeated: parameter_sets.length - sets, tasks: sets * header.n_replicates };
  },
  human: ({ model, scenario, sampling_method, metadata, parameter_sets, repeated, n_replicates, tasks, seed_scheme, outputs, targets }) => {
    const found = designOf({ metadata });
    return [
      `${found === undefined ? `sampling method ${sampling_method}` : found.design.title(found.settings)}, of ${model}, scenario ${scenario}`,
      ...(found === undefined ? [] : ['', parameterTable(found.parameters), '']),
      ...(found?.where ?? []).map((text) => `where ${text}`),
      `${formatCount(parameter_sets, 'parameter set')} × ${formatCount(n_replicates, 'replicate')} = ${formatCount(tasks, 'task')}`,
      ...(repeated === 0 ? [] : [`${formatCount(repeated, 'parameter set')} listed more than once`]),
      ...(seed_scheme === 'common' ? ['common seeds'] : []),
      ...(outputs === null ? [] : [`outputs: ${outputs.join(', ')}`]),
      ...(targets.length === 0 ? [] : [`targets: ${targets.join(', ')}`]),
    ].join('\n');
  },
});
