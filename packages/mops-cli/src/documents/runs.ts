import type { FieldsOf } from '@modelops/cli-kit';
import { document, type ReadonlyData } from '@modelops/cli-kit/document';
import * as z from 'zod';
import { params, seed, status, task, taskError } from './parts.ts';

const output = z.string();
const difference = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('columns'), output, stored: z.array(z.string()), computed: z.array(z.string()) }),
  z.strictObject({ what: z.literal('rows'), output, stored: z.int(), computed: z.int() }),
  z.strictObject({ what: z.literal('type'), output, column: z.string(), stored: z.string(), computed: z.string() }),
  z.strictObject({
    what: z.literal('value'),
    output,
    column: z.string(),
    row: z.int(),
    stored: z.string(),
    computed: z.string(),
    differing: z.int().describe('Number of differing values of the column'),
    of: z.int(),
    largest_relative: z
      .number()
      .nullable()
      .describe('Largest |computed − stored| / |stored| of the column; null for text, and if it is not finite'),
  }),
]);
/** The first difference between a recomputed and the stored result. Rows count from 0. */
export type Difference = ReadonlyData<z.output<typeof difference>>;

const comparison = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('same') }),
  z.strictObject({ verdict: z.literal('failed_same') }).describe('It failed here for the recorded cause'),
  z.strictObject({ verdict: z.literal('differs'), difference }),
  z
    .strictObject({ verdict: z.literal('ends_differently'), stored: z.string(), computed: z.string() })
    .describe('It failed only here, only there, or for another cause'),
  z
    .strictObject({ verdict: z.literal('not_compared'), reason: z.enum(['no_result', 'outputs_deleted']) })
    .describe('The store has nothing to compare with'),
]);
/** Comparison of a task that ran here with its stored outcome. */
export type Comparison = ReadonlyData<z.output<typeof comparison>>;

const run = z.strictObject({
  status: z.enum(['ok', 'failed']),
  error: taskError.nullable(),
  duration_ms: z.number(),
  outputs: z.array(z.strictObject({ name: z.string(), rows: z.int(), columns: z.array(z.string()) })),
  comparison,
});
/** The outcome of a task that ran here, as commands report it. */
export type TaskRun = ReadonlyData<z.output<typeof run>>;

const claim = z.strictObject({ index: z.int(), host: z.string(), at: z.string() }).describe('The worker that claimed its chunk');
const source = z.enum(['computed', 'reused']);
const explanation = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('exists'), source: source.nullable() }),
  z.strictObject({ state: z.literal('evicted'), source: source.nullable() }).describe('It has a result whose outputs were deleted'),
  z.strictObject({ state: z.literal('failed'), error: taskError, at: z.string(), duration_ms: z.number(), by_job: z.string() }),
  z
    .strictObject({ state: z.literal('quarantined'), pack: z.string() })
    .describe('The pack that held it was damaged and moved to quarantine'),
  z
    .strictObject({ state: z.literal('damaged'), pack: z.string() })
    .describe('The pack that holds it is damaged; validation will quarantine it'),
  z
    .strictObject({ state: z.literal('lost'), packs: z.array(z.string()), source })
    .describe('It existed: computed by this job, or reused at submission. The pack was deleted'),
  z.strictObject({ state: z.literal('running'), attempt: z.int(), chunk: z.int(), claim }),
  z.strictObject({ state: z.literal('waiting'), attempt: z.int(), chunk: z.int() }),
  z
    .strictObject({ state: z.literal('not_run'), attempt: z.int().nullable(), claim: claim.nullable() })
    .describe('The job ended before a worker claimed or finished its chunk'),
  z.strictObject({ state: z.literal('not_in_job'), reason: z.string() }),
]);

/** Why a task of a job has a result or not. */
export type TaskExplanation = ReadonlyData<z.output<typeof explanation>>;

export const jobsExplain = document('modelops.jobs.explain/v1', {
  job: z.string(),
  task: task.nullable(),
  explanation,
  run: run.nullable().describe('The outcome of running it here, if requested'),
});
export type ExplainReport = FieldsOf<typeof jobsExplain>;

export const repro = document('modelops.repro/v1', {
  job: z.string(),
  task,
  bundle_ref: z.string(),
  entrypoint: z.string(),
  stored: z
    .strictObject({ status: z.enum(['ok', 'failed', 'evicted']), worker: z.string().nullable(), at: z.string(), by_job: z.string() })
    .nullable()
    .describe('Where, when and by which job the stored result or failure was made; null if nothing is stored'),
  run,
  kept: z
    .strictObject({ folder: z.string(), files: z.array(z.string()) })
    .nullable()
    .describe('The folder with the task, its log, both results and a command’s scratch folder, if requested'),
});
/** A task that ran on this machine, compared with its stored outcome. */
export type ReproReport = FieldsOf<typeof repro>;

export const audit = document('modelops.audit/v1', {
  job: z.string(),
  model: z.string(),
  bundle_ref: z.string(),
  results: z.int().describe('Tasks with a stored result, from which the sample is drawn'),
  compared: z.int().describe('Tasks recomputed and compared'),
  same: z.int(),
  not_compared: z.int().describe('Sampled tasks that could not be compared, because their outputs were deleted'),
  differing: z.array(z.strictObject({ task_id: z.string(), path: z.string(), params, seed, comparison, reproduce: z.string() })),
  share_at_most: z
    .number()
    .nullable()
    .describe(
      'Upper bound of the share of results that are not reproducible here, with 95 % confidence (Clopper and Pearson 1934, one-sided); the exact share if all results were compared; null if none was',
    ),
  sample_seed: z.int().describe('The seed that draws the same sample'),
});
export type AuditReport = FieldsOf<typeof audit>;

export const watch = document('modelops.watch/v1', {
  jobs: z.array(
    z.strictObject({
      job: z.string(),
      status,
      tasks: z.int(),
      done: z.int(),
      failures: z.array(z.strictObject({ cause: z.string(), count: z.int() })),
      best: z.array(z.strictObject({ target: z.string(), loss: z.number().nullable(), params: params.nullable() })),
    }),
  ),
  html: z.string().nullable(),
});

export const report = document('modelops.report/v1', {
  jobs: z.array(z.string()),
  output,
  bytes: z.int(),
  plots: z.strictObject({ dir: z.string(), files: z.array(z.string()) }).nullable(),
  parameter_sets: z.int(),
  targets: z.array(z.string()),
  notes: z.array(z.string()),
});
