import { modelDescriptionSchema, parseRepository, targetDescriptionSchema } from '@modelops/contracts';
import { z } from 'zod';

/** `.modelops-bundle/config.yaml`. A person may edit it: unknown fields are refused. */
export const bundleConfigSchema = z.strictObject({
  /** `<registry>/<project>`: where this project's bundles are. */
  registry_ref: z.string().superRefine((text, context) => {
    try {
      parseRepository(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  }),
  default_tag: z
    .string()
    .regex(/^[\w][\w.-]{0,127}$/, 'a tag is 1 to 128 letters, digits, _ . or -')
    .default('latest'),
  storage: z.looseObject({ provider: z.string(), container: z.string().optional() }).optional(),
});

/** `.modelops-bundle/registry.yaml`: what was registered, as it described itself then. Digests are made at push, from the bytes. */
export const projectRegistrySchema = z.strictObject({
  models: z
    .array(z.strictObject({ source: z.string(), data: z.array(z.string()).default([]), description: modelDescriptionSchema }))
    .default([]),
  targets: z.array(z.strictObject({ source: z.string(), description: targetDescriptionSchema })).default([]),
});

export type BundleConfig = Readonly<z.output<typeof bundleConfigSchema>>;
export type ProjectRegistry = Readonly<z.output<typeof projectRegistrySchema>>;
