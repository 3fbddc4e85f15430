import type { FieldsOf } from '@modelops/cli-kit';
import { document, type ReadonlyData } from '@modelops/cli-kit/document';
import * as z from 'zod';
import { eachDocument, failedJob, type ReportOf } from './each-job.ts';
import { missing, params, problem, seed, status } from './parts.ts';

const job = z.string();
const engine = z.enum(['waiting', 'running', 'ended', 'gone', 'unknown']);
const repair = z.enum(['none', 'abandon', 'adopt', 'validate']);
const owner = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('machine'), machine: z.string(), home: z.string(), host: z.string() }),
  z.strictObject({ kind: z.literal('cluster'), cluster: z.string().nullable(), server: z.string(), namespace: z.string() }),
]);
const attempt = z.strictObject({
  n: z.int(),
  engine: z.string(),
  owner: owner.nullable(),
  k8s_name: z.string().nullable(),
  namespace: z.string().nullable(),
  tasks: z.int(),
  spec: z.string().optional(),
  started_at: z.string(),
  ended_at: z.string().nullable(),
});
const cause = z.strictObject({
  kind: z.enum(['exception', 'crash', 'timeout', 'out_of_memory']),
  type: z.string(),
  message: z.string(),
  frame: z.string().nullable(),
  count: z.int(),
  sample: z.strictObject({
    task_id: z.string(),
    param_id: z.string(),
    params,
    seed,
    traceback: z.string().nullable(),
    stderr_tail: z.string().nullable(),
  }),
});

const submitted = document('modelops.jobs.submit/v1', {
  job,
  status,
  bundle_ref: z.string(),
  model_digest: z.string(),
  targets: z.array(z.string()).describe('Names of its targets'),
  tasks: z.strictObject({ total: z.int(), new: z.int(), reused: z.int() }),
  parameter_sets: z.int(),
  chunks: z.int(),
  workers: z.int(),
  engine: z.string(),
  waited: z.boolean(),
  done: z.int().describe('Tasks with results, verified or not'),
  verified: z.int(),
  missing,
  results: z.string().nullable(),
});
export type SubmitData = FieldsOf<typeof submitted>;

const range = z.strictObject({ low: z.number(), high: z.number() });
const planned = document('modelops.jobs.plan/v1', {
  bundle_ref: z.string(),
  bundle_unpushed: z.boolean().describe('The registry lacks the bundle: a submission would push it'),
  model: z.string(),
  model_digest: z.string(),
  scenario: z.string(),
  targets: z.array(z.string()),
  parameter_sets: z.int(),
  tasks: z.strictObject({
    total: z.int(),
    new: z.int(),
    reused: z.int(),
    failed_before: z.int().describe('New tasks whose last run failed'),
  }),
  chunks: z.int(),
  workers: z.int(),
  slots: z.int().describe('Model hosts of each worker'),
  engine: z.string(),
  estimate: z
    .strictObject({
      wall_seconds: range,
      core_hours: range,
      bytes: z.number().describe('Size of the results in the store'),
      basis: z.strictObject({
        tasks: z.int(),
        parameter_sets: z.int(),
        nearest: z.int().describe('Nearest past sets used for each set to run'),
        other_code: z.boolean(),
      }),
    })
    .nullable()
    .describe('Null if the model has never run'),
  pilot: z.strictObject({ tasks: z.int(), failed: z.int() }).nullable(),
});
export type SubmissionPlan = FieldsOf<typeof planned>;
export const jobsSubmit = z.union([submitted, planned]);

export const jobsStatus = eachDocument('modelops.jobs.status/v1', {
  job,
  status,
  name: z.string().nullable(),
  environment: z.string(),
  bundle_ref: z.string(),
  model: z.string(),
  scenario: z.string(),
  targets: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
  progress: z.strictObject({ done: z.int(), failed: z.int(), total: z.int() }),
  missing,
  has_manifest: z.boolean().describe('False for a job of an older version without a manifest, which is not validated'),
  attempts: z.array(attempt),
  engine: z
    .strictObject({
      phase: engine,
      runs_on: z.string().exactOptional(),
      workers: z.strictObject({ active: z.int(), succeeded: z.int(), failed: z.int() }),
      problems: z.array(problem),
    })
    .nullable(),
  repair: repair.describe('What mops jobs sync would do'),
  elsewhere: z.string().nullable().describe('Where it runs or is being submitted, if not here'),
  failures: z.array(cause),
  stopped_by: z.array(problem).describe('What stopped the workers of an ended job that lacks tasks'),
  computed: z.int(),
  reused: z.int(),
  error: z.string().nullable(),
  results: z.string().nullable().describe('Where the results are, once there are any'),
});
export type JobReport = ReportOf<typeof jobsStatus>;

export const jobsList = document('modelops.jobs.list/v1', {
  environment: z.string(),
  jobs: z.array(
    z.strictObject({
      job,
      status,
      name: z.string().nullable(),
      tasks: z.int(),
      done: z.int(),
      missing: z.int().nullable(),
      created_at: z.string(),
      labels: z.record(z.string(), z.string()),
    }),
  ),
  next: z.string().nullable().describe('Continue after this job; null on the last page'),
});

export const jobsLogs = eachDocument('modelops.jobs.logs/v1', { job, lines: z.array(z.string()) });

const output = z.discriminatedUnion('output_type', [
  z.strictObject({ output_type: z.literal('simulation'), param_id: z.string(), seed, task_id: z.string(), provenance_path: z.string() }),
  z.strictObject({
    output_type: z.literal('aggregation'),
    param_id: z.string(),
    target: z.string(),
    replicate_count: z.int(),
    aggregation_id: z.string(),
    provenance_path: z.string(),
  }),
]);
export const jobsManifest = eachDocument('modelops.jobs.manifest/v1', { job, outputs: z.array(output) });
/** One output that a job expects (seed document 004), by its logical address. */
export type OutputSpec = ReadonlyData<z.output<typeof output>>;

const condition = z.union([
  z.strictObject({ parameter: z.string(), above: z.number().nullable(), at_most: z.number().nullable() }),
  z.strictObject({ parameter: z.string(), equals: params.valueType }),
  z.strictObject({ parameter: z.string(), differs: params.valueType }),
]);
const region = z.strictObject({
  conditions: z.array(condition).describe('All of these hold in it; at most two'),
  failed: z.int().describe('Failed tasks in it'),
  succeeded: z.int(),
  purity: z.number().describe('Share of the tasks in it that failed'),
  coverage: z.number().describe('Share of the failed tasks that are in it'),
});
/** The part of the parameter space where tasks fail. */
export type FailureRegion = ReadonlyData<z.output<typeof region>>;
/** One side of a split: above or below a threshold, or one value of a parameter that is not a number (`equals`, or any other: `differs`). */
export type Condition = FailureRegion['conditions'][number];
export const jobsFailures = eachDocument('modelops.jobs.failures/v1', {
  job,
  status,
  tasks: z.int(),
  missing: z.int().describe('Tasks without a result'),
  failed: z.int().describe('Of those, tasks whose failure is recorded'),
  causes: z
    .array(
      cause.extend({
        reproduce: z.string().describe('Runs the sample on this machine'),
        region: region.nullable().describe('Where tasks fail for this cause, compared with all that succeeded; null if no region is clear'),
      }),
    )
    .describe('Groups of failed tasks, most frequent first'),
  targets: z
    .array(
      z.strictObject({
        target: z.string(),
        reason: z.string(),
        count: z.int(),
        sample: z.strictObject({ param_id: z.string(), params }),
      }),
    )
    .describe('Parameter sets whose replicates exist, but whose target evaluation failed'),
  stopped_by: z.array(problem).describe('What stopped the workers, if tasks of an ended job did not run'),
});
export type FailuresReport = ReportOf<typeof jobsFailures>;
export type TaskFailures = FailuresReport['causes'][number];
export type TargetFailures = FailuresReport['targets'][number];

const outcome = {
  status,
  tasks: z.int(),
  done: z.int().describe('Tasks with results, before they are verified too'),
  verified: z.int(),
  missing,
};
export const jobsWait = eachDocument('modelops.jobs.wait/v1', { job, ...outcome });
export type WaitReport = ReportOf<typeof jobsWait>;
/** The outcome of a job that was waited for, which may still run. */
export type WaitedOutcome = Omit<WaitReport, 'job'>;

export const jobsCancel = eachDocument('modelops.jobs.cancel/v1', {
  job,
  before: status,
  status,
  stops_on: z.string().nullable().describe('Where its workers run, if not here: they stop after their current chunks'),
});
export type CancelReport = ReportOf<typeof jobsCancel>;
export const jobsScale = eachDocument('modelops.jobs.scale/v1', {
  job,
  before: z.int().describe('Number of workers before'),
  workers: z.int().describe('Number of workers from now on'),
  most: z.int().describe('The number of workers that its chunks can occupy: more are not started'),
});
export type ScaleReport = ReportOf<typeof jobsScale>;
export const jobsDelete = eachDocument('modelops.jobs.delete/v1', { job, before: status, tasks: z.int() });
export type DeleteReport = ReportOf<typeof jobsDelete>;

export const jobsValidate = eachDocument('modelops.jobs.validate/v1', {
  job,
  before: status,
  status,
  verified: z.int(),
  missing,
  skipped: z.boolean().describe('True for a job of an older version without a manifest: there is nothing to compare with'),
  quarantined: z
    .array(z.strictObject({ key: z.string(), reason: z.string() }))
    .describe('With --deep: changed or missing objects, whose packs were quarantined'),
  checked: z.boolean().describe('Whether the store was read; without --force, an ended job is reported as its record states'),
});
export type ValidateReport = ReportOf<typeof jobsValidate>;

const rebinding = z.strictObject({
  from: z.string(),
  to: z.string(),
  is_model_changed: z.boolean().describe('The model digest changes: earlier results no longer count'),
  changed_targets: z.array(z.string()),
  invalidated: z
    .strictObject({ tasks: z.int(), aggregations: z.int() })
    .describe('Results that existed and no longer count; none is deleted'),
});
/** The effect of binding a job to another bundle on its results. */
export type Rebinding = ReadonlyData<z.output<typeof rebinding>>;
export const jobsResume = eachDocument('modelops.jobs.resume/v1', {
  job,
  attempt: z.int(),
  tasks: z.int(),
  chunks: z.int(),
  status,
  dry_run: z.boolean(),
  /** Null if the job keeps its bundle. */
  rebinding: rebinding.nullable(),
  waited: z.boolean(),
  /** Null if the job was not waited for. */
  outcome: z.strictObject(outcome).nullable(),
});
export type ResumeData = ReportOf<typeof jobsResume>;

const synced = z.strictObject({
  job,
  before: status,
  status,
  engine: engine.nullable().describe('The state of the workers; null if none were started'),
  repair: repair.describe('The repair that the job needs, even if it was not allowed'),
  skipped: z.boolean().describe('True for a job of an older version without a manifest: it is not changed'),
  elsewhere: z.string().nullable().describe('Where it runs or is being submitted, if not here'),
});
export type SyncReport = ReadonlyData<z.output<typeof synced>>;
export const jobsSync = document('modelops.jobs.sync/v1', {
  jobs: z.array(z.union([synced, failedJob])),
  changed: z.int(),
  dry_run: z.boolean(),
});
