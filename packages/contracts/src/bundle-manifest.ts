import * as z from 'zod';
import { isModelOpsError } from './errors.ts';
import { parseSourceName, type SourceName } from './identity/entrypoint.ts';
import { digestSchema } from './parsed-by.ts';

const paramValue = z.union([z.boolean(), z.number(), z.string()]);

const scale = z.enum(['linear', 'log', 'logit']).default('linear');

/** The prior distribution of a parameter. A design truncates it to the parameter's bounds. */
export const priorSchema = z.lazy(() =>
  z.discriminatedUnion('distribution', [
    z.object({ distribution: z.literal('uniform') }),
    z.object({ distribution: z.literal('normal'), mean: z.number(), sd: z.number().positive() }),
    /** `exp(X)` for a normal X. */
    z.object({ distribution: z.literal('lognormal'), mean_log: z.number(), sd_log: z.number().positive() }),
    z.object({ distribution: z.literal('beta'), alpha: z.number().positive(), beta: z.number().positive() }),
    /** Mean `shape × scale`. */
    z.object({ distribution: z.literal('gamma'), shape: z.number().positive(), scale: z.number().positive() }),
  ]),
);

const described = { unit: z.string().exactOptional(), description: z.string().exactOptional() };

/** A parameter as its model declares it. Bounds are inclusive, in the parameter's own unit. A logit scale needs bounds inside (0, 1). */
export const parameterSpecSchema = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('float'),
      min: z.number(),
      max: z.number(),
      scale,
      default: z.number().exactOptional(),
      prior: priorSchema.exactOptional(),
      ...described,
    }),
    z.object({
      kind: z.literal('int'),
      min: z.int(),
      max: z.int(),
      scale: z.enum(['linear', 'log']).default('linear'),
      default: z.int().exactOptional(),
      prior: priorSchema.exactOptional(),
      ...described,
    }),
    z.object({ kind: z.literal('choice'), values: z.array(paramValue).min(1), default: paramValue.exactOptional(), ...described }),
  ]),
);

/** Maximum number of parameters, of scenarios and of outputs of a model. */
const MAX_DECLARED = 10_000;
const TOO_MANY = `a model declares at most ${MAX_DECLARED}`;

/** The description of a model, read by running its host once. Parameters keep their order of declaration. */
export const modelDescriptionSchema = z.lazy(() =>
  z.object({
    parameters: z.array(z.object({ name: z.string() }).and(parameterSpecSchema)).max(MAX_DECLARED, TOO_MANY),
    scenarios: z.array(z.string()).max(MAX_DECLARED, TOO_MANY),
    outputs: z.array(z.string()).max(MAX_DECLARED, TOO_MANY),
    /** The sdk's behaviour version. */
    behaviour: z.int(),
    /** Values of the parameters that a scenario fixes, by scenario. A scenario that fixes nothing may be left out. */
    fixed: z.record(z.string(), z.record(z.string(), paramValue)).optional(),
    /** True for a model with a constraint function, which decides whether a design may contain a parameter set. */
    constrained: z.boolean().optional(),
  }),
);

const countOrColumn = z.union([z.number().positive(), z.string()]);

/** What a target compares with what: for people and plots, not for evaluation. */
export const comparisonSchema = z.lazy(() =>
  z.object({
    output: z.string(),
    /** The columns that join observed and simulated rows; the column of a near join is the last. Empty for a scalar output. */
    join: z.array(z.string()),
    /** The simulated column. */
    value: z.string(),
    observed_value: z.string(),
    /** The number of trials behind a count: both values are shown as shares of it. A column of the simulated or the observed rows, or a number. */
    trials: countOrColumn.optional(),
    observed_trials: countOrColumn.optional(),
    /** The file of observed data; null when given in the code or not known. */
    data: z.string().nullable(),
    /** The columns of a short table of observed data in the code. */
    observed: z.record(z.string(), z.array(paramValue.nullable())).optional(),
  }),
);

export type Comparison = Readonly<z.output<typeof comparisonSchema>>;

export const targetDescriptionSchema = z.lazy(() =>
  z.object({
    /** The model output that the target reads. */
    output: z.string(),
    /** Every output that the target reads, if there are several. */
    outputs: z.array(z.string()).min(1).optional(),
    /** The observed data's file, relative to the project root; null when given in the code. */
    data: z.string().nullable(),
    /** Every file that the target reads, where there may be several. */
    files: z.array(z.string()).optional(),
    /** What it compares, one for each target of a joint likelihood; absent if unknown. */
    compares: z.array(comparisonSchema).max(100).optional(),
    /** How much the target counts in the target sets that give it no weight; 1 by default. */
    weight: z.number().positive().optional(),
    behaviour: z.int(),
  }),
);

/** The outputs that a target reads. */
export function outputsOf({ output, outputs = [output] }: { readonly output: string; readonly outputs?: readonly string[] | undefined }) {
  return outputs;
}

/** The files of observed data that a target reads. */
export function filesOf({ data, files }: { readonly data: string | null; readonly files?: readonly string[] | undefined }) {
  return [...new Set([...(data === null ? [] : [data]), ...(files ?? [])])];
}

/** The weight of each target of a set in its weighted sum, by source, if it differs from the target's own. */
export const targetSetWeightsSchema = z.lazy(() => z.record(z.string(), z.record(z.string(), z.number().positive())));

/** A model in `registry.yaml` and in a pushed bundle. */
export const registeredModelSchema = z.lazy(() =>
  z.object({
    /** `models/seir.ts:StochasticSEIR`: how studies name it. */
    source: z.string(),
    host: z.enum(['node', 'python', 'command']).default('node'),
    /** The file in the bundle that the host loads: compiled with everything that it imports (node), the source (python), the model's part of `modelops.yaml` (command). */
    program: z.string(),
    /** Further files of the bundle that the program loads, sorted; none for a compiled program. */
    closure: z.array(z.string()).optional(),
    /** The lock file of its environment in the bundle; absent where the standard library is enough, and for compiled programs. */
    lock: z.string().optional(),
    description: modelDescriptionSchema,
    /** Declared data files, relative to the project root. */
    data: z.array(z.string()).default([]),
    model_digest: digestSchema,
  }),
);

export const registeredTargetSchema = z.lazy(() =>
  z.object({
    source: z.string(),
    program: z.string(),
    /** As for a model. */
    closure: z.array(z.string()).optional(),
    lock: z.string().optional(),
    description: targetDescriptionSchema,
    target_digest: digestSchema,
  }),
);

/** The config blob of a bundle: its registry, with digests computed from the bytes that were pushed. */
export const bundleManifestSchema = z.lazy(() =>
  z.object({
    schema_version: z.literal(1),
    models: z.array(registeredModelSchema),
    targets: z.array(registeredTargetSchema),
    /** Named groups of targets, by their sources. */
    target_sets: z.record(z.string(), z.array(z.string())).optional(),
    target_set_weights: targetSetWeightsSchema.optional(),
    /** Every file of the bundle, sorted by path. */
    files: z.array(z.object({ path: z.string(), size: z.int(), digest: digestSchema })),
  }),
);

/**
 * The registered model or target that a study names: by its source, or by an import path (`targets.prevalence:name`) that only one has. A study of an
 * older version may name a file that the bundle does not have (`models/seir.py` of a model that is now `models/seir.ts`): then the import path counts.
 * @param files the bundle's files. Default: a file is only ever itself
 */
export function findRegistered<R extends { readonly source: string }>(
  name: string,
  registered: readonly R[],
  files?: readonly { readonly path: string }[],
): R | undefined {
  const named = parsedName(name);
  if (named === undefined) return undefined;
  const { file, importPath, exportName } = named;
  const isOwnFile = file !== undefined && (files === undefined || files.some(({ path }) => path === file));
  const found = registered.filter(({ source }) => {
    const own = parsedName(source);
    if (own?.exportName !== exportName) return false;
    return isOwnFile ? own.file === file : own.importPath === importPath;
  });
  return found.length === 1 ? found[0] : undefined;
}

function parsedName(name: string): SourceName | undefined {
  try {
    return parseSourceName(name);
  } catch (error) {
    if (!isModelOpsError(error, 'IDENTITY_INVALID')) throw error;
    return undefined; // an invalid name is not registered
  }
}

export type Prior = Readonly<z.output<typeof priorSchema>>;
export type ParameterSpec = Readonly<z.output<typeof parameterSpecSchema>>;
export type ModelDescription = Readonly<z.output<typeof modelDescriptionSchema>>;
export type TargetDescription = Readonly<z.output<typeof targetDescriptionSchema>>;
export type RegisteredModel = Readonly<z.output<typeof registeredModelSchema>>;
export type RegisteredTarget = Readonly<z.output<typeof registeredTargetSchema>>;
export type BundleManifest = Readonly<z.output<typeof bundleManifestSchema>>;
