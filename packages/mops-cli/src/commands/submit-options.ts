import * as z from 'zod';
import { envOption, timeoutOption } from './options.ts';

/** The options of `jobs submit`. */
export const submitOptions = {
  bundle: z.string().optional().describe('sha256:…, repo@sha256:…, a tag, or local:PATH').meta({ placeholder: 'REF' }),
  build: z.boolean().default(false).describe('Freeze the working tree afresh, check that the registry has all of it, and use that'),
  auto: z.boolean().default(false).describe('Push the working tree where it changed, and use that (the default)'),
  plan: z
    .boolean()
    .default(false)
    .describe('Say what would run, how long and how large; start nothing and write nothing (modelops.jobs.plan/v1)'),
  pilot: z.int().min(1).max(10_000).optional().describe('With the plan: run so many of the tasks here first, to know how long they take'),
  wait: z.boolean().default(false).describe('Wait until the job is done; the exit status says how'),
  follow: z.boolean().default(false).describe('Wait, and say what the workers say and what fails as it comes').meta({ short: 'f' }),
  timeout: timeoutOption,
  workers: z.int().min(1).optional().describe('Number of workers'),
  target: z.array(z.string()).default([]).describe('Target to evaluate, in place of those of the study').meta({ placeholder: 'TARGET' }),
  targetSet: z.string().optional().describe('Target set of the bundle, likewise').meta({ placeholder: 'NAME' }),
  config: z.string().optional().describe('Object in JSON or YAML that every simulation is given').meta({ placeholder: 'FILE' }),
  name: z.string().min(1).optional().describe('A name for people'),
  label: z.record(z.string(), z.string()).default({}).describe('Label, for filters'),
  maxAttempts: z.int().min(1).max(100).default(2).describe('Tries of a task whose host crashed or timed out'),
  taskTimeout: z.number().positive().default(3600).describe('Limit of one task, seconds'),
  taskMemory: z.number().min(128).optional().describe('Limit of memory of one task, MiB').meta({ placeholder: 'MIB' }),
  minReplicates: z.int().min(1).optional().describe('Replicates that a loss needs; default: all'),
  schema: z.enum(['token', 'bundle']).default('token').describe('Share results by model digest, or by bundle digest'),
  env: envOption,
} as const;
