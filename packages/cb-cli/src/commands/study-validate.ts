import { defineCommand, formatCount } from '@modelops/cli-kit';
import { ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { resolveModel } from '../project/resolve-model.ts';
import { checkStudy } from '../study/check-study.ts';
import { distinctEntries } from '../study/entries.ts';
import { readStudy } from '../study/read-study.ts';

export const command = defineCommand({
  examples: ['cb study validate study.json', 'cb study validate study.json --no-model'],
  args: z.object({ file: z.string().describe('A study') }),
  options: z.object({ model: z.boolean().default(true).describe('Check only the file, without its model') }),
  schema: 'modelops.cb.study-validation/v1',
  document: async () => (await import('../documents.ts')).studyValidation,
  run: async ({ file, model }, deps: CbDeps) => {
    const { study } = await readStudy(file, deps);
    const problems = model
      ? checkStudy(study, await deps.models.read(resolveModel(study.model, { ...deps.project, cwd: deps.project.root })))
      : [];
    if (problems.length > 0) throw new ModelOpsError('STUDY_INVALID', `${file} does not fit its model ${study.model}`, { problems });
    const sets = distinctEntries(study.parameter_sets).length;
    return { file, parameter_sets: sets, repeated: study.parameter_sets.length - sets, tasks: sets * study.n_replicates };
  },
  human: ({ file, parameter_sets, repeated, tasks }) =>
    `${file} is valid: ${formatCount(parameter_sets, 'parameter set')}, ${formatCount(tasks, 'task')}${repeated === 0 ? '' : `; ${repeated} repeated and counted once`}`,
});
