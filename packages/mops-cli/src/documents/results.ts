import type { FieldsOf } from '@modelops/cli-kit';
import { document, documentVariants, type ReadonlyData } from '@modelops/cli-kit/document';
import * as z from 'zod';
import { eachDocument, type ReportOf } from './each-job.ts';
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
  pairs: z.int().describe('Sets with a loss in both jobs'),
  only_a: z.int().describe('Sets with a loss in the first job only'),
  only_b: z.int(),
  mean_a: z.number().nullable(),
  mean_b: z.number().nullable(),
  mean_difference: z.number().nullable().describe('Mean of b − a over the pairs'),
  interval: z.tuple([z.number(), z.number()]).nullable().describe('Its 95 % interval (paired t); null with fewer than two pairs'),
  lower: z.int().describe('Pairs in which the second job’s loss is lower'),
  higher: z.int(),
  best_a: z.number().nullable(),
  best_b: z.number().nullable(),
});
/** Losses of one target in two jobs, over the parameter sets that both have. */
export type PairedLosses = ReadonlyData<z.output<typeof paired>>;
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
      shared: z
        .strictObject({ sets: z.int(), same_seeds: z.int() })
        .describe('Parameter sets that both jobs have, and how many of them have the same seeds in both'),
      targets: z.array(paired),
      largest: z.array(pair).describe('The sets with the largest differences'),
      changes: z
        .array(z.strictObject({ what: z.string(), a: z.string().nullable(), b: z.string().nullable() }))
        .describe('What differs between the inputs of the jobs'),
      has_files: z.boolean().describe('False if the registry lacks a bundle or is unreachable: changed files are then not listed'),
    }),
  ),
});
export type ShownComparison = FieldsOf<typeof resultsCompare>['comparisons'][number];
/** What differs between two jobs, in words: the field, and its value in each. */
export type Change = ShownComparison['changes'][number];

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
  kept: z.int().describe('Intact files of an earlier download'),
  missing: z.int().describe('Tasks of the job without a result'),
});
export type DownloadReport = FieldsOf<typeof resultsDownload>;

export const resultsExport = document('modelops.results.export/v1', {
  job: z.string(),
  layout: z.string(),
  output: z.string(),
  losses: z.string().nullable().describe('The file of the job’s losses in the folder; null if it has none'),
  kept: z.array(z.string()).describe('Files of the tables that targets kept'),
  results: z.int().describe('Results written'),
  missing: z.int().describe('Tasks of the job without a result'),
  evicted: z.int().describe('Results whose outputs mops store gc deleted'),
});
export type ExportReport = FieldsOf<typeof resultsExport>;
/** What a layout wrote. */
export type ExportCounts = Pick<ExportReport, 'results' | 'missing' | 'evicted'>;

const uses = z.array(
  z.strictObject({ job: z.string(), status, created_at: z.string(), source: z.enum(['computed', 'reused']).nullable() }),
);
export const resultsShow = document('modelops.results.show/v1', {
  task_id: z.string(),
  path: z.string(),
  status: z.enum(['ok', 'failed']),
  error: taskError.nullable().describe('Only of a failed task'),
  param_id,
  params,
  seed,
  address: z.enum(['token', 'bundle']).describe('Kind of the result’s address: by model digest, or by bundle digest'),
  code: z.string().describe('The whole digest if a job that uses the result is known, otherwise its first twelve digits'),
  bundle_ref: z.string().nullable(),
  entrypoint,
  scenario,
  pack: z.string(),
  also_in: z.array(z.string()).describe('Other packs that contain it, or a failure of it'),
  started_at: z.string(),
  duration_ms: z.number(),
  worker: z.string(),
  computed_by: z.string().nullable(),
  outputs: z.array(
    z.strictObject({
      name: z.string(),
      rows: z.int(),
      sha256: z.string().nullable().describe('Digest of the pack’s file, hex'),
      evicted: z.boolean().describe('True if mops store gc deleted its rows; the result still counts'),
      columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
      first: z
        .array(z.array(z.unknown()))
        .describe('The first rows, one value per column; 64-bit integers and values that JSON lacks (NaN) as text'),
    }),
  ),
  jobs: uses,
});
/** Everything known about one result. */
export type ShownResult = FieldsOf<typeof resultsShow>;
export type ShownOutput = ShownResult['outputs'][number];

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

export const resultsReindex = eachDocument('modelops.results.reindex/v1', {
  job: z.string(),
  status,
  rows: z.int().describe('Parameter sets × targets'),
  losses: z.int().describe('Rows with a loss'),
  changed: z.boolean().describe('Whether the files differ from those before'),
});
export type ReindexReport = ReportOf<typeof resultsReindex>;

const imported = z.strictObject({
  found: z.int().describe('In the tree'),
  existing: z.int().describe('In the store already'),
  imported: z.int().describe('Written, or with --dry-run to be written'),
});
export const resultsImport = document('modelops.results.import/v1', {
  dir: z.string(),
  simulations: imported,
  aggregations: imported,
  skipped: z.record(z.string(), z.int()).describe('Number of skipped results by reason'),
  packs: z.int(),
  dry_run: z.boolean(),
});
export type ImportReport = FieldsOf<typeof resultsImport>;
