import { document, documentVariants, type ReadonlyData } from '@modelops/cli-kit/document';
import { parameterSpecSchema, SEED_SCHEMES } from '@modelops/contracts';
import * as z from 'zod';

const value = z.union([z.boolean(), z.number(), z.string()]);
const values = z.record(z.string(), value);
const seed = z.union([z.int(), z.string()]);

const header = {
  model: z.string(),
  scenario: z.string(),
  sampling_method: z.string(),
  n_replicates: z.int(),
  seed_scheme: z.enum(SEED_SCHEMES).optional(),
  seed: seed.optional(),
  outputs: z.array(z.string()).nullable(),
  targets: z.array(z.string()),
};
const metadata = z.record(z.string(), z.unknown());

/** What a command that makes a study prints without `--output`, with and without `--json`. */
const study = z
  .strictObject({ ...header, metadata, parameter_sets: z.array(z.union([z.strictObject({ params: values, seed }), values])) })
  .meta({ title: 'modelops.study/v1' });

const written = document('modelops.cb.study/v1', { output: z.string(), note: z.string(), parameter_sets: z.int() });
export const studyOrReport = z.union([written, study]);

const sampled = document('modelops.cb.sampling/v1', {
  output: z.string(),
  ...header,
  parameter_sets: z.int(),
  tasks: z.int(),
  design: z.record(z.string(), z.unknown()).describe('The design’s method, settings and parameters'),
  rejected: z.int(),
  repeated: z.int(),
});
export const studyOrSampling = z.union([sampled, study]);

export const studyPoints = documentVariants(
  'modelops.cb.study-points/v1',
  { output: z.null(), points: z.array(values) },
  { output: z.string(), points: z.int().describe('Number of rows in the file') },
);

const counts = { file: z.string(), parameter_sets: z.int(), repeated: z.int(), tasks: z.int() };
export const studySummary = document('modelops.cb.study-summary/v1', { ...header, metadata, ...counts });
export const studyValidation = document('modelops.cb.study-validation/v1', counts);
export const studySplit = document('modelops.cb.study-split/v1', {
  files: z.array(z.strictObject({ file: z.string(), parameter_sets: z.int() })),
});

const { id, source } = { id: z.string(), source: z.string() };
export const models = document('modelops.cb.models/v1', {
  models: z.array(
    z.union([
      z.strictObject({
        id,
        source,
        parameters: z.array(z.string()),
        scenarios: z.array(z.string()),
        outputs: z.array(z.string()),
        targets: z.array(z.string()),
      }),
      z.strictObject({ id, source, error: z.string() }),
    ]),
  ),
});

const [float, int, choice] = parameterSpecSchema.unwrap().options;
export const model = document('modelops.cb.model/v1', {
  model: z.string(),
  parameters: z.array(
    z.discriminatedUnion('kind', [
      float.extend({ name: z.string() }),
      int.extend({ name: z.string() }),
      choice.extend({ name: z.string() }),
    ]),
  ),
  scenarios: z.array(z.string()),
  fixed: z.record(z.string(), values),
  constrained: z.boolean(),
  outputs: z.array(z.string()),
  targets: z.array(z.string()),
});

const estimate = z.strictObject({ value: z.number().nullable(), low: z.number().nullable(), high: z.number().nullable() });
/** The indices of one parameter; each method sets its own. */
const indices = z.strictObject({
  name: z.string(),
  first: estimate.exactOptional(),
  total: estimate.exactOptional(),
  shapley: estimate.exactOptional(),
  mean: z.number().exactOptional(),
  mean_absolute: estimate.exactOptional(),
  sigma: estimate.exactOptional(),
  pawn: estimate.exactOptional(),
  delta: estimate.exactOptional(),
  /** The share of the design's rows or points that the indices are computed from. */
  coverage: z.number(),
});
const analysis = z.strictObject({
  target: z.string().nullable(),
  method: z.enum(['saltelli', 'morris', 'fast', 'given-data']),
  sets: z.int(),
  /** Sets of the design without a response. */
  missing: z.int(),
  parameters: z.array(indices),
  pairs: z.array(z.strictObject({ names: z.tuple([z.string(), z.string()]), second: estimate, coverage: z.number() })).exactOptional(),
  shares: z
    .strictObject({ variance_of_parameters: z.number(), variance_of_chance: z.number(), share_of_parameters: z.number() })
    .exactOptional(),
});
export type ParameterSensitivity = ReadonlyData<z.output<typeof indices>>;
/** The analysis of one target; null for a table without targets. */
export type TargetAnalysis = ReadonlyData<z.output<typeof analysis>>;
export const sensitivity = document('modelops.cb.sensitivity/v1', {
  results: z.string(),
  study: z.string().nullable(),
  column: z.string(),
  analyses: z.array(analysis),
});

export const diagnosticsReport = document('modelops.cb.diagnostics.report/v1', {
  output: z.string(),
  bytes: z.int(),
  plots: z.strictObject({ dir: z.string(), files: z.array(z.string()) }).nullable(),
  parameter_sets: z.int(),
  targets: z.array(z.string()),
});
