import * as z from 'zod';

export const samplingArgs = z.object({
  model: z.string().describe('File of the model and the name it exports: models/seir.ts:StochasticSEIR'),
});

/** Options of every design. What depends on the model is checked with it, so that all problems are listed at once. */
export const samplingShape = {
  nReplicates: z.number().default(1).describe('Simulations of each parameter set, each with its own seed'),
  scenario: z.string().optional().describe('Scenario of the model (default: baseline)'),
  outputs: z.array(z.string()).default([]).describe('Outputs to keep (default: all)'),
  targets: z
    .array(z.string())
    .default([])
    .describe('Targets to evaluate: targets/prevalence.ts:prevalence')
    .meta({ placeholder: 'TARGET' }),
  fix: z.record(z.string(), z.string()).default({}).describe('Hold a parameter at one value'),
  range: z.record(z.string(), z.string()).default({}).describe('Narrow the range of a parameter').meta({ placeholder: 'NAME=MIN:MAX' }),
  output: z.string().min(1).optional().describe('Write the study to a file (default: stdout)').meta({ short: 'o', placeholder: 'FILE' }),
  force: z.boolean().default(false).describe('Replace the file of --output'),
  format: z.enum(['json']).default('json').describe('Format of the study'),
};

export type SamplingOptions = z.output<typeof samplingArgs> & z.output<z.ZodObject<typeof samplingShape>>;
