import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { targetsByOutputs } from '../project/registered-models.ts';
import { resolveModel } from '../project/resolve-model.ts';
import { type DesignParameter, planSpace } from '../space/parameter-space.ts';
import { parameterTable } from '../space/present-parameters.ts';

export const command = defineCommand({
  examples: ['cb models show seir', 'cb models show models/seir.ts:StochasticSEIR --json'],
  args: z.object({
    model: z.string().optional().describe('Model: file:export, module:Class or registered id; optional if the project has one model'),
  }),
  options: z.object({}),
  schema: 'modelops.cb.model/v1',
  document: async () => (await import('../documents.ts')).model,
  run: async ({ model }, { project, models }: CbDeps) => {
    const source = resolveModel(model, project);
    const { parameters, scenarios, outputs, fixed = {}, constrained = false } = await models.read(source);
    return { model: source, parameters, scenarios, fixed, constrained, outputs, targets: targetsByOutputs(project)(outputs) };
  },
  human: ({ model, parameters, scenarios, fixed, constrained, outputs, targets }) => {
    const shown: DesignParameter[] = planSpace(
      parameters,
      { name: '', fixed: {} },
      { fix: {}, range: {}, prior: {}, intRounding: 'equal-width' },
      [],
    );
    const scenarioText = (name: string) => {
      const values = Object.entries(fixed[name] ?? {}).map(([param, value]) => `${param} = ${String(value)}`);
      return values.length === 0 ? name : `${name} (fixes ${values.join(', ')})`;
    };
    return [
      model,
      '',
      parameterTable(shown),
      '',
      `scenarios: ${scenarios.map(scenarioText).join(', ')}`,
      `outputs: ${outputs.join(', ')}`,
      ...(constrained ? ['constraint: a function of the model'] : []),
      ...(targets.length === 0 ? [] : [`targets: ${targets.join(', ')}`]),
    ].join('\n');
  },
});
