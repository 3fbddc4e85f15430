import { defineCommand, formatTable } from '@modelops/cli-kit';
import { isModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { registeredModels, targetsByOutputs } from '../project/registered-models.ts';

export const command = defineCommand({
  examples: ['cb models list', 'cb models list --json'],
  args: z.object({}),
  options: z.object({}),
  schema: 'modelops.cb.models/v1',
  document: async () => (await import('../documents.ts')).models,
  run: async (_input, { project, models }: CbDeps) => {
    const targetsOf = targetsByOutputs(project);
    return {
      models: await Promise.all(
        registeredModels(project).map(async ({ id, source }) => {
          try {
            const { parameters, scenarios, outputs } = await models.read(source);
            return { id, source, parameters: parameters.map(({ name }) => name), scenarios, outputs, targets: targetsOf(outputs) };
          } catch (error) {
            if (!isModelOpsError(error)) throw error;
            return { id, source, error: error.message };
          }
        }),
      ),
    };
  },
  human: ({ models }) =>
    models.length === 0
      ? 'no model is registered in this project; show another one with cb models show FILE:EXPORT'
      : formatTable(models, [
          { title: 'ID', value: ({ id }) => id },
          { title: 'MODEL', value: ({ source }) => source },
          { title: 'PARAMETERS', value: (model) => ('error' in model ? model.error : model.parameters?.join(', ')) },
          { title: 'SCENARIOS', value: ({ scenarios }) => scenarios?.join(', ') },
          { title: 'OUTPUTS', value: ({ outputs }) => outputs?.join(', ') },
          {
            title: 'TARGETS',
            value: (model) => (model.targets === undefined || model.targets.length === 0 ? null : model.targets.join(', ')),
          },
        ]),
});
