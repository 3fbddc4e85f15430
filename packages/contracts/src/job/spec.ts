import * as z from 'zod';
import { parseBundleRef } from '../identity/bundle-ref.ts';
import { parseJobId } from '../identity/ids.ts';
import { checkedBy, digestSchema, parsedBy } from '../parsed-by.ts';
import { isWithinMaxTasks, studyFields, tooManyTasks } from '../study.ts';

export const jobIdSchema = parsedBy(z.string(), parseJobId);

/** A target of the study, resolved in the bundle. */
export const boundTargetSchema = z.lazy(() =>
  z.object({
    /** Unique within the job: the name in `losses.parquet` and in keys. */
    name: z.string(),
    /** `targets/prevalence.ts:prevalence` */
    source: z.string(),
    /** Digest over the target's closure and its observed data. */
    digest: digestSchema,
    /** The model output that it reads; the first one of several. */
    output: z.string(),
    outputs: z.array(z.string()).min(1).optional(),
  }),
);

/** How results are addressed: by model digest (`token`) or by bundle digest (`bundle`). */
export const provenanceSchemaSchema = z.enum(['token', 'bundle']);

/** The type of a parameter's column in tables of results. */
export const PARAMETER_TYPES = ['float', 'int', 'bool', 'text'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** A study bound to the code that runs it. All that a worker needs besides the study and the stores. */
export const bindingSchema = z.lazy(() =>
  z.object({
    /** `<repository>@sha256:<hex>` or `sha256:<hex>`. */
    bundle_ref: checkedBy(z.string(), parseBundleRef),
    bundle_digest: digestSchema,
    model_digest: digestSchema,
    /** `import.path.Class/scenario` */
    entrypoint: z.string(),
    /** What addresses the results: the model digest, or the bundle digest under the `bundle` schema. */
    code: digestSchema,
    schema: provenanceSchemaSchema.default('token'),
    targets: z.array(boundTargetSchema),
    /** The target sets of the bundle that these targets cover: the weight of each target by its name in the job. */
    target_sets: z.record(z.string(), z.record(z.string(), z.number().positive())).optional(),
    /** The model's parameters in the order in which it declares them; null in jobs of older versions. */
    parameters: z
      .array(z.object({ name: z.string(), type: z.enum(PARAMETER_TYPES) }))
      .nullable()
      .default(null),
    /** Names of the outputs that each task yields, sorted. */
    outputs: z.array(z.string()),
    config: z.record(z.string(), z.unknown()).nullable().default(null),
    /** Per-task limit, seconds. */
    timeout_s: z.number().positive().default(3600),
    /** Memory limit of a host that runs tasks, MiB; null: only the container's. */
    memory_mib: z.number().positive().nullable().default(null),
    /** Maximum number of attempts of a task whose host crashed, was killed or timed out. */
    max_attempts: z.int().min(1).default(2),
    /** Replicates that an aggregation needs; null: all. */
    min_replicates: z.int().min(1).nullable().default(null),
  }),
);

/** `jobs/<id>/spec.json`: immutable. Unknown fields of later versions are ignored. */
export const jobSpecSchema = z.lazy(() =>
  z.object({
    schema_version: z.literal(1),
    job_id: jobIdSchema,
    created_at: z.string(),
    name: z.string().nullable().default(null),
    labels: z.record(z.string(), z.string()).default({}),
    study: z.object(studyFields.unwrap().shape).refine(isWithinMaxTasks, tooManyTasks()),
    binding: bindingSchema,
  }),
);

export type BoundTarget = Readonly<z.output<typeof boundTargetSchema>>;
export type ProvenanceSchema = z.output<typeof provenanceSchemaSchema>;
export type Binding = Readonly<z.output<typeof bindingSchema>>;
export type JobSpec = Readonly<z.output<typeof jobSpecSchema>>;
