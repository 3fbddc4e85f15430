import type { ReadonlyData } from '@modelops/cli-kit/document';
import * as z from 'zod';
import { envOption, timeoutOption, widthOptions } from './options.ts';

/** The options of `jobs submit`. */
export const submitOptions = z.object({
  bundle: z.string().optional().describe('sha256:…, repo@sha256:…, a tag, or local:PATH').meta({ placeholder: 'REF' }),
  build: z.boolean().default(false).describe('Rebuild the bundle from the working tree, verify it in the registry, and use it'),
  auto: z.boolean().default(false).describe('Push the working tree if it changed, and use it (the default)'),
  plan: z
    .boolean()
    .default(false)
    .describe('Show what would run, with estimated time and size; write and start nothing (modelops.jobs.plan/v1)'),
  pilot: z.int().min(1).max(10_000).optional().describe('Like --plan, but first run this many tasks here to measure them'),
  wait: z.boolean().default(false).describe('Wait until the job ends; the exit status is its result'),
  follow: z.boolean().default(false).describe('Wait, and print worker logs and failures as they arrive').meta({ short: 'f' }),
  timeout: timeoutOption,
  ...widthOptions,
  target: z.array(z.string()).default([]).describe('Target to evaluate instead of the study’s').meta({ placeholder: 'TARGET' }),
  targetSet: z
    .string()
    .optional()
    .describe('Target set of the bundle to evaluate instead of the study’s targets')
    .meta({ placeholder: 'NAME' }),
  config: z.string().optional().describe('File with an object in JSON or YAML, passed to every simulation').meta({ placeholder: 'FILE' }),
  name: z.string().min(1).optional().describe('Display name of the job'),
  label: z.record(z.string(), z.string()).default({}).describe('Label of the job, for filters'),
  maxAttempts: z.int().min(1).max(100).default(2).describe('Maximum attempts of a task whose host crashes or times out'),
  taskTimeout: z.number().positive().default(3600).describe('Time limit of one task, in seconds'),
  taskMemory: z.number().min(128).optional().describe('Memory limit of one task, in MiB').meta({ placeholder: 'MIB' }),
  minReplicates: z.int().min(1).optional().describe('Replicates that a loss needs (default: all)'),
  schema: z.enum(['token', 'bundle']).default('token').describe('Reuse results by model digest (token) or bundle digest (bundle)'),
  env: envOption,
});

/** The study, and the options that determine its job. */
export type SubmitOptions = ReadonlyData<Omit<z.output<typeof submitOptions>, 'plan' | 'pilot' | 'wait' | 'follow' | 'timeout' | 'env'>> & {
  /** Study file; `-` is stdin. */
  readonly study: string;
};
