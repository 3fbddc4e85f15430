import { type Digest, isDigest, type JsonSeed, type ParamValues, parseSeed } from '@modelops/contracts';
import * as z from 'zod';

/** The files of one result in the documents' tree (seed 003): what it was made from, what came of it, and a table an output. */
export const METADATA = 'metadata.json';
export const RESULT = 'result.json';
const ARTIFACT = /^artifact_(.+)\.arrow$/;

export const artifactFile = (output: string) => `artifact_${output}.arrow`;
/** The output that a file holds; undefined for other files. */
export const outputOfFile = (file: string) => ARTIFACT.exec(file)?.[1];

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'is no digest: sha256: and 64 hex digits are');
const seed = z.custom<JsonSeed>((value) => {
  try {
    return parseSeed(value) >= 0n;
  } catch {
    return false;
  }
}, 'is no seed: a whole number from 0 to 18446744073709551615 is, as text above 9007199254740991');

/**
 * `metadata.json` of a simulation. Only `params`, `seed`, `entrypoint` and the code's identity are needed: trees of other programs have
 * no `code` (then the bundle's digest is) and name the computing job seldom.
 */
export const simulationMetadataSchema = z.looseObject({
  /** Given in trees that `mops results export` wrote; their ids are held against the inputs. */
  schema_version: z.int().optional(),
  task_id: z.string().optional(),
  bundle_ref: z.string().optional(),
  code: digest.optional(),
  provenance_schema: z.enum(['token', 'bundle']).optional(),
  entrypoint: z.string(),
  param_id: z.string().optional(),
  params: z.record(z.string(), z.union([z.boolean(), z.number(), z.string()])).transform((values): ParamValues => values),
  seed,
  /** The outputs that were asked for; null asks for all. */
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
  /** Of a simulation that failed. */
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
  diagnostics: z.record(z.string(), z.unknown()).default({}),
  reason: z.string().nullish(),
});

export type SimulationMetadata = z.output<typeof simulationMetadataSchema>;
export type SimulationResult = z.output<typeof simulationResultSchema>;
export type AggregationMetadata = z.output<typeof aggregationMetadataSchema>;
export type AggregationResult = z.output<typeof aggregationResultSchema>;
