import { type Digest, isDigest, type JsonSeed, type ParamValues, parseSeed } from '@modelops/contracts';
import * as z from 'zod';

/** The files of one result in a tree (seed document 003): its inputs, its outcome, and one table per output. */
export const METADATA = 'metadata.json';
export const RESULT = 'result.json';
const ARTIFACT = /^artifact_(.+)\.arrow$/;

export const artifactFile = (output: string) => `artifact_${output}.arrow`;
/** The output that a file holds; undefined for other files. */
export const outputOfFile = (file: string) => ARTIFACT.exec(file)?.[1];

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'expected sha256:<64 hex digits>');
const seed = z.custom<JsonSeed>((value) => {
  try {
    return parseSeed(value) >= 0n;
  } catch {
    return false;
  }
}, 'expected an integer from 0 to 18446744073709551615, as text above 9007199254740991');

/**
 * `metadata.json` of a simulation. Only `params`, `seed`, `entrypoint` and the identity of the code are required: trees of other programs have
 * no `code` (the bundle digest replaces it), and rarely a job.
 */
export const simulationMetadataSchema = z.looseObject({
  /** Present in trees written by `mops results export`; their ids are checked against the inputs. */
  schema_version: z.int().optional(),
  task_id: z.string().optional(),
  bundle_ref: z.string().optional(),
  code: digest.optional(),
  provenance_schema: z.enum(['token', 'bundle']).optional(),
  entrypoint: z.string(),
  param_id: z.string().optional(),
  params: z.record(z.string(), z.union([z.boolean(), z.number(), z.string()])).transform((values): ParamValues => values),
  seed,
  /** The requested outputs; null for all. */
  outputs: z.array(z.string()).nullish(),
  config: z.record(z.string(), z.unknown()).nullish(),
  timestamp: z.string().nullish(),
  duration_ms: z.number().nullish(),
  worker: z.string().nullish(),
  job_id: z.string().nullish(),
});

export const simulationResultSchema = z.looseObject({
  task_id: z.string().optional(),
  outputs: z.record(z.string(), z.looseObject({ size: z.number().optional(), sha256: z.string().optional() })).default({}),
  /** Set for a failed simulation. */
  error: z.unknown().optional(),
});

export const aggregationMetadataSchema = z.looseObject({
  schema_version: z.int().optional(),
  code: digest.optional(),
  provenance_schema: z.enum(['token', 'bundle']).optional(),
  target: z.string().optional(),
  param_id: z.string(),
  timestamp: z.string().nullish(),
  job_id: z.string().nullish(),
});

export const aggregationResultSchema = z.looseObject({
  aggregation_id: z.string(),
  loss: z.number().nullable(),
  n_replicates: z.int().min(0),
  replicate_mean: z.number().nullable().optional(),
  standard_error: z.number().nullable().optional(),
  diagnostics: z.record(z.string(), z.unknown()).default({}),
  reason: z.string().nullish(),
});

export type SimulationMetadata = z.output<typeof simulationMetadataSchema>;
export type SimulationResult = z.output<typeof simulationResultSchema>;
export type AggregationMetadata = z.output<typeof aggregationMetadataSchema>;
export type AggregationResult = z.output<typeof aggregationResultSchema>;
