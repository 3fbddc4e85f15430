import * as z from 'zod';

const MODEL =
  'models/seir.ts:StochasticSEIR, models.seir:StochasticSEIR, or the id of a registered model; optional if the project has one model';

export const samplingArgs = z.object({
  model: z.string().optional().describe(`Model: ${MODEL}`),
});

/** Options of every design. They are checked together with the model, so that all problems are listed at once. */
export const samplingShape = {
  model: z.string().optional().describe('Model, instead of the argument MODEL'),
  nReplicates: z
    .number()
    .default(1)
    .describe('Number of simulations of each parameter set, each with its own seed')
    .meta({ aliases: ['reps'] }),
  commonSeeds: z
    .boolean()
    .default(false)
    .describe('Give replicate r of every set the same seed, to compare sets on the same random numbers'),
  scenario: z.string().optional().describe('Scenario of the model (default: baseline)'),
  outputs: z.array(z.string()).default([]).describe('Outputs to store (default: all)'),
  targets: z
    .array(z.string())
    .default([])
    .describe('Targets to evaluate: targets/prevalence.ts:prevalence')
    .meta({ placeholder: 'TARGET' }),
  fix: z.record(z.string(), z.string()).default({}).describe('Fix a parameter at one value'),
  range: z.record(z.string(), z.string()).default({}).describe('Narrow the range of a parameter').meta({ placeholder: 'NAME=MIN:MAX' }),
  prior: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'Distribution of a parameter, truncated to its range: normal(mean,sd), lognormal(mean_log,sd_log), beta(alpha,beta), gamma(shape,scale), uniform',
    )
    .meta({ placeholder: 'NAME=PRIOR' }),
  where: z
    .array(z.string())
    .default([])
    .describe('Condition that every set must meet: \'beta > gamma and mode == "a"\'')
    .meta({ placeholder: 'CONDITION', split: false }),
  intRounding: z
    .enum(['equal-width', 'half-even'])
    .default('equal-width')
    .describe('How ints are drawn: each value equally likely, or by rounding a float (the bounds are then half as likely)'),
  output: z.string().min(1).optional().describe('Write the study to a file (default: stdout)').meta({ short: 'o', placeholder: 'FILE' }),
  force: z.boolean().default(false).describe('Overwrite the file of --output'),
};

export type SamplingOptions = z.output<z.ZodObject<typeof samplingShape>>;
