import type { FieldsOf } from '@modelops/cli-kit';
import { document, type ReadonlyData } from '@modelops/cli-kit/document';
import { modelDescriptionSchema, parameterSpecSchema, targetDescriptionSchema } from '@modelops/contracts';
import * as z from 'zod';

const source = z.string();
const [float, int, choice] = parameterSpecSchema.unwrap().options;
const parameter = z.discriminatedUnion('kind', [
  float.extend({ name: z.string() }),
  int.extend({ name: z.string() }),
  choice.extend({ name: z.string() }),
]);
const model = modelDescriptionSchema.unwrap().extend({ parameters: z.array(parameter) });
const damaged = z.array(
  z.strictObject({ source, kind: z.enum(['model', 'target']), code: z.string(), message: z.string(), hint: z.string().nullable() }),
);
/** A registered model or target that is not in the bundle, as data. */
export type DamageReport = ReadonlyData<z.output<typeof damaged>>[number];

export const init = document('modelops.bundle.init/v1', {
  dir: z.string(),
  registry_ref: z.string(),
  environment: z.string(),
  is_new: z.boolean().describe('False where the project existed with this name'),
});

export const registerModel = document('modelops.bundle.register-model/v1', {
  models: z.array(
    model.extend({
      source,
      data: z.array(z.string()),
      undeclared: z.array(z.string()),
      outside: z.array(z.string()),
      trial_problem: z.string().nullable(),
    }),
  ),
});

export const registerTarget = document('modelops.bundle.register-target/v1', {
  targets: z.array(targetDescriptionSchema.unwrap().extend({ source, sets: z.array(z.string()), unknown_outputs: z.array(z.string()) })),
});
export const unregister = document('modelops.bundle.unregister/v1', { source, sets: z.array(z.string()) });
export const unregisterTargetSet = document('modelops.bundle.unregister-target-set/v1', { set: z.string(), targets: z.array(z.string()) });

export const list = document('modelops.bundle.list/v1', {
  registry_ref: z.string(),
  environment: z.string(),
  models: z.array(z.strictObject({ source, data: z.array(z.string()), description: model })),
  targets: z.array(z.strictObject({ source, description: targetDescriptionSchema })),
  target_sets: z.record(z.string(), z.array(z.string())),
  target_set_weights: z.record(z.string(), z.record(z.string(), z.number())),
  tags: z.array(z.strictObject({ tag: z.string(), digest: z.string().optional() })),
});

export const status = document('modelops.bundle.status/v1', {
  dir: z.string(),
  registry_ref: z.string(),
  environment: z.string(),
  tag: z.string(),
  digest: z.string(),
  pushed: z.string().nullable(),
  is_changed: z.boolean(),
  changes: z.array(z.strictObject({ path: z.string(), change: z.enum(['added', 'changed', 'removed']) })),
  models: z.array(z.strictObject({ source, data: z.array(z.string()) })),
  damaged,
  redescribed: z.array(z.string()),
});

const blob = z.strictObject({
  mediaType: z.string(),
  digest: z.string(),
  size: z.int(),
  annotations: z.record(z.string(), z.string()).exactOptional(),
});
export const push = document('modelops.bundle.push/v1', {
  digest: z.string(),
  ref: z.string(),
  tag: z.string(),
  environment: z.string(),
  uploaded: z.array(blob),
  reused: z.array(blob),
  files: z.int(),
  wheels: z.int(),
  models: z.array(z.strictObject({ source, model_digest: z.string() })),
  targets: z.array(z.strictObject({ source, target_digest: z.string() })),
  damaged,
});

export const pull = document('modelops.bundle.pull/v1', {
  ref: z.string(),
  dir: z.string(),
  written: z.array(z.string()),
  unchanged: z.int(),
  models: z.array(z.string()),
});

const environment = {
  dir: z.string(),
  lock: z
    .strictObject({ file: z.string(), digest: z.string(), is_active: z.boolean() })
    .nullable()
    .describe('Null if models use only the standard library'),
  needs_compiling: z.boolean().describe('True if requirements.txt has not been compiled to hashes'),
  packages: z.array(z.strictObject({ name: z.string(), version: z.string() })),
  interpreter: z.string().describe('The interpreter from which environments are built'),
  version: z.string(),
  platform: z.string(),
  environment: z.string().nullable().describe('The environment’s folder; null without a lock, and with the active interpreter'),
  is_built: z.boolean(),
  frozen_wheels: z.int().describe('Number of frozen wheels for this lock'),
  frozen_for: z
    .strictObject({ python: z.string(), platform: z.string() })
    .nullable()
    .describe('The Python that they are for, which may be another; null if there are none'),
};
export const envLock = document('modelops.bundle.env-lock/v1', environment);
export const envBuild = document('modelops.bundle.env-build/v1', environment);
export const envShow = document('modelops.bundle.env-show/v1', environment);
/** The Python environment of a project as it is now. */
export type EnvironmentReport = FieldsOf<typeof envShow>;
