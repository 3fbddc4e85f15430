import * as z from 'zod';

const params = z.record(z.string(), z.union([z.boolean(), z.number(), z.string()]));
const document = <Name extends string, Fields extends z.ZodRawShape>(name: Name, fields: Fields) =>
  z.strictObject({ schema: z.literal(name), ...fields });

const loss = z.strictObject({
  job_id: z.string(),
  param_id: z.string(),
  params,
  target: z.string(),
  loss: z.number().nullable(),
  n_replicates: z.int(),
  n_failed: z.int(),
  bundle_digest: z.string(),
  model_digest: z.string(),
  entrypoint: z.string(),
  scenario: z.string(),
  computed_at: z.string().nullable(),
  cache_hit: z.boolean(),
  reason: z.string().nullable(),
});
const best = z.strictObject({ param_id: z.string(), params, loss: z.number() });
const pair = z.strictObject({
  param_id: z.string(),
  params,
  target: z.string(),
  a: z.number().nullable(),
  b: z.number().nullable(),
  difference: z.number().nullable(),
});
const paired = z.strictObject({
  target: z.string(),
  pairs: z.int(),
  only_a: z.int(),
  only_b: z.int(),
  mean_a: z.number().nullable(),
  mean_b: z.number().nullable(),
  mean_difference: z.number().nullable(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  lower: z.int(),
  higher: z.int(),
  best_a: z.number().nullable(),
  best_b: z.number().nullable(),
});
const { job_id, param_id, model_digest, entrypoint, scenario } = loss.shape;

/** The `--json` documents of `mops results` by name. Published as JSON Schema in `docs/schemas`. */
export const RESULT_DOCUMENTS = {
  'modelops.results.losses/v1': document('modelops.results.losses/v1', {
    job: z.string(),
    losses: z.array(loss),
    plot: z.string().optional(),
  }),
  'modelops.results.list/v1': document('modelops.results.list/v1', {
    environment: z.string(),
    jobs: z.array(
      z.strictObject({
        job: z.string(),
        name: z.string().nullable(),
        status: z.string(),
        created_at: z.string(),
        tasks: z.int(),
        targets: z.array(z.object({ target: z.string(), losses: z.int(), nulls: z.int(), best: best.nullable() })).nullable(),
      }),
    ),
    truncated: z.boolean(),
  }),
  'modelops.results.best/v1': document('modelops.results.best/v1', {
    job: z.string().nullable(),
    best: z.array(loss.extend({ rank: z.int() })).optional(),
    more_ties: z.record(z.string(), z.int()).optional(),
    standard_errors: z.record(z.string(), z.number().nullable()).optional(),
    target_set: z.string().optional(),
    weights: z.record(z.string(), z.number()).optional(),
    weighted: z
      .strictObject({
        best: z.array(
          z.strictObject({
            job_id,
            param_id,
            params,
            model_digest,
            entrypoint,
            scenario,
            rank: z.int(),
            loss: z.number(),
            losses: z.record(z.string(), z.number()),
          }),
        ),
        more_ties: z.int(),
        missing: z.record(z.string(), z.int()),
      })
      .optional(),
  }),
  'modelops.results.compare/v1': document('modelops.results.compare/v1', {
    baseline: z.string(),
    comparisons: z.array(
      z.strictObject({
        a: z.string(),
        b: z.string(),
        shared: z.strictObject({ sets: z.int(), same_seeds: z.int() }),
        targets: z.array(paired),
        largest: z.array(pair),
        changes: z.array(z.strictObject({ what: z.string(), a: z.string().nullable(), b: z.string().nullable() })),
        has_files: z.boolean(),
      }),
    ),
  }),
  'modelops.results.progress/v1': document('modelops.results.progress/v1', {
    target: z.string(),
    steps: z.array(
      z.strictObject({
        job: z.string(),
        created_at: z.string(),
        target_digest: z.string().nullable(),
        losses: z.int(),
        best_loss: z.number().nullable(),
        best_so_far: z.number().nullable(),
        is_new_best: z.boolean(),
      }),
    ),
  }),
  'modelops.results.query/v1': document('modelops.results.query/v1', {
    plan: z.string().optional(),
    file: z.string().optional(),
    columns: z.array(z.strictObject({ name: z.string(), type: z.string() })).optional(),
    rows: z.array(z.record(z.string(), z.unknown())).optional(),
    row_count: z.int().optional(),
    truncated: z.boolean().optional(),
  }),
  'modelops.results.download/v1': document('modelops.results.download/v1', {
    job: z.string(),
    output: z.string(),
    files: z.int(),
    bytes: z.int(),
    kept: z.int(),
    missing: z.int(),
  }),
  'modelops.results.export/v1': document('modelops.results.export/v1', {
    job: z.string(),
    layout: z.string(),
    output: z.string(),
    losses: z.string().nullable(),
    kept: z.array(z.string()).describe('Files of the tables that targets kept'),
    results: z.int(),
    missing: z.int(),
    evicted: z.int(),
  }),
} as const;
