import { document, documentVariants } from '@modelops/cli-kit/document';
import * as z from 'zod';
import { params, seed, status, taskError } from './parts.ts';

const loss = z.strictObject({
  job_id: z.string(),
  param_id: z.string(),
  params,
  target: z.string(),
  loss: z.number().nullable(),
  n_replicates: z.int(),
  n_failed: z.int(),
  replicate_mean: z.number().nullable(),
  standard_error: z.number().nullable(),
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

export const resultsLosses = document('modelops.results.losses/v1', {
  job: z.string(),
  losses: z.array(loss),
  plot: z.string().optional(),
});

export const resultsList = document('modelops.results.list/v1', {
  environment: z.string(),
  jobs: z.array(
    z.strictObject({
      job: z.string(),
      name: z.string().nullable(),
      status,
      created_at: z.string(),
      tasks: z.int(),
      targets: z.array(z.strictObject({ target: z.string(), losses: z.int(), nulls: z.int(), best: best.nullable() })).nullable(),
    }),
  ),
  truncated: z.boolean(),
});

export const resultsBest = documentVariants(
  'modelops.results.best/v1',
  {
    job: z.string().nullable(),
    best: z.array(loss.extend({ rank: z.int() })),
    more_ties: z.record(z.string(), z.int()),
  },
  {
    job: z.string().nullable(),
    target_set: z.string().exactOptional(),
    weights: z.record(z.string(), z.number()),
    weighted: z.strictObject({
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
          replicate_mean: loss.shape.replicate_mean,
          standard_error_bound: loss.shape.standard_error,
          n_replicates: loss.shape.n_replicates,
          targets: z.record(
            z.string(),
            loss.pick({ replicate_mean: true, standard_error: true, n_replicates: true }).extend({ loss: z.number() }),
          ),
        }),
      ),
      more_ties: z.int(),
      missing: z.record(z.string(), z.int()),
    }),
  },
);

export const resultsCompare = document('modelops.results.compare/v1', {
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
});

export const resultsProgress = document('modelops.results.progress/v1', {
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
});

export const resultsQuery = documentVariants(
  'modelops.results.query/v1',
  { plan: z.string() },
  { file: z.string(), row_count: z.int(), truncated: z.boolean() },
  {
    columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
    rows: z.array(z.record(z.string(), z.unknown())),
    row_count: z.int(),
    truncated: z.boolean(),
  },
);

export const resultsDownload = document('modelops.results.download/v1', {
  job: z.string(),
  output: z.string(),
  files: z.int(),
  bytes: z.int(),
  kept: z.int(),
  missing: z.int(),
});

export const resultsExport = document('modelops.results.export/v1', {
  job: z.string(),
  layout: z.string(),
  output: z.string(),
  losses: z.string().nullable(),
  kept: z.array(z.string()).describe('Files of the tables that targets kept'),
  results: z.int(),
  missing: z.int(),
  evicted: z.int(),
});

const uses = z.array(
  z.strictObject({ job: z.string(), status, created_at: z.string(), source: z.enum(['computed', 'reused']).nullable() }),
);
export const resultsShow = document('modelops.results.show/v1', {
  task_id: z.string(),
  path: z.string(),
  status: z.enum(['ok', 'failed']),
  error: taskError.nullable(),
  param_id,
  params,
  seed,
  address: z.enum(['token', 'bundle']),
  code: z.string(),
  bundle_ref: z.string().nullable(),
  entrypoint,
  scenario,
  pack: z.string(),
  also_in: z.array(z.string()),
  started_at: z.string(),
  duration_ms: z.number(),
  worker: z.string(),
  computed_by: z.string().nullable(),
  outputs: z.array(
    z.strictObject({
      name: z.string(),
      rows: z.int(),
      sha256: z.string().nullable(),
      evicted: z.boolean(),
      columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
      first: z.array(z.array(z.unknown())),
    }),
  ),
  jobs: uses,
});

export const resultsJobsOf = document('modelops.results.jobs-of/v1', { task_id: z.string(), jobs: uses });

export const resultsRm = document('modelops.results.rm/v1', {
  task_id: z.string(),
  entrypoint,
  params,
  seed,
  dry_run: z.boolean(),
  packs: z.strictObject({ replaced: z.array(z.string()), written: z.array(z.string()) }),
  jobs: z.array(z.strictObject({ job: z.string(), status })),
});

const imported = z.strictObject({ found: z.int(), existing: z.int(), imported: z.int() });
export const resultsImport = document('modelops.results.import/v1', {
  dir: z.string(),
  simulations: imported,
  aggregations: imported,
  skipped: z.record(z.string(), z.int()).describe('Number of skipped results by reason'),
  packs: z.int(),
  dry_run: z.boolean(),
});
