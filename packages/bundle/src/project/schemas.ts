import { modelDescriptionSchema, parseRepository, targetDescriptionSchema, targetSetWeightsSchema } from '@modelops/contracts';
import { WHEEL_PLATFORMS } from '@modelops/model-host';
import * as z from 'zod';

const platforms = Object.keys(WHEEL_PLATFORMS) as readonly (keyof typeof WHEEL_PLATFORMS)[];

/** The platform of the workers, and their Python version. */
export const wheelTargetSchema = z.strictObject({
  platform: z.enum(platforms),
  python: z.string().regex(/^3\.[1-9][0-9]$/, 'expected a minor version such as 3.12'),
});

export type WheelTarget = Readonly<z.output<typeof wheelTargetSchema>>;

/** `.modelops-bundle/config.yaml`. Users may edit it, so unknown fields are refused. */
export const bundleConfigSchema = z.strictObject({
  /** `<registry>/<project>`: the repository of this project's bundles. */
  registry_ref: z.string().superRefine((text, context) => {
    try {
      parseRepository(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  }),
  default_tag: z
    .string()
    .regex(/^[\w][\w.-]{0,127}$/, 'expected a tag of 1 to 128 letters, digits, _ . or -')
    .default('latest'),
  /** Whether bundles contain the wheels of their Python environment: of the interpreter that pushes, or of this Python version and platform. */
  freeze_wheels: z
    .union([z.boolean(), wheelTargetSchema], {
      error: `expected true, false, or platform (${platforms.join(' or ')}) and python (such as "3.12", in quotes)`,
    })
    .optional(),
  storage: z.looseObject({ provider: z.string(), container: z.string().optional() }).optional(),
});

/** The name of a target set, in lowercase. */
export const targetSetName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'expected lowercase letters, digits, . _ and -');

const registryFields = z.strictObject({
  models: z
    .array(z.strictObject({ source: z.string(), data: z.array(z.string()).default([]), description: modelDescriptionSchema }))
    .default([]),
  targets: z.array(z.strictObject({ source: z.string(), description: targetDescriptionSchema })).default([]),
  /** Names for several targets at once, for `mops jobs submit --target-set`. */
  target_sets: z.record(targetSetName, z.array(z.string()).min(1)).default({}),
  target_set_weights: targetSetWeightsSchema.default({}),
});

/** `.modelops-bundle/registry.yaml`: registered models and targets with their descriptions at registration. Digests are computed at push, from the bytes. */
export const projectRegistrySchema = registryFields.superRefine(({ target_sets, target_set_weights }, context) => {
  for (const [set, weights] of Object.entries(target_set_weights))
    for (const target of Object.keys(weights))
      if (target_sets[set]?.includes(target) !== true)
        context.addIssue({ code: 'custom', path: ['target_set_weights', set, target], message: `is not a target of the set ${set}` });
});

export type BundleConfig = Readonly<z.output<typeof bundleConfigSchema>>;
export type FreezeWheels = NonNullable<BundleConfig['freeze_wheels']>;
export type ProjectRegistry = Readonly<z.output<typeof projectRegistrySchema>>;
