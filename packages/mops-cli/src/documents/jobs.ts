import { anyDocument, document } from '@modelops/cli-kit/document';
import * as z from 'zod';
import { eachDocument, failedJob } from './each-job.ts';
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
  targets: z.array(z.string()),
  tasks: z.strictObject({ total: z.int(), new: z.int(), reused: z.int() }),
  parameter_sets: z.int(),
  chunks: z.int(),
  workers: z.int(),
  engine: z.string(),
  waited: z.boolean(),
  done: z.int(),
  verified: z.int(),
  missing,
  results: z.string().nullable(),
});

const range = z.strictObject({ low: z.number(), high: z.number() });
const planned = document('modelops.jobs.plan/v1', {
  bundle_ref: z.string(),
  bundle_unpushed: z.boolean(),
  model: z.string(),
  model_digest: z.string(),
  scenario: z.string(),
  targets: z.array(z.string()),
  parameter_sets: z.int(),
  tasks: z.strictObject({ total: z.int(), new: z.int(), reused: z.int(), failed_before: z.int() }),
  chunks: z.int(),
  workers: z.int(),
  slots: z.int(),
  engine: z.string(),
  estimate: z
    .strictObject({
      wall_seconds: range,
      core_hours: range,
      bytes: z.number(),
      basis: z.strictObject({ tasks: z.int(), parameter_sets: z.int(), nearest: z.int(), other_code: z.boolean() }),
    })
    .nullable(),
  pilot: z.strictObject({ tasks: z.int(), failed: z.int() }).nullable(),
});
export const jobsSubmit = anyDocument(submitted, planned);

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
  has_manifest: z.boolean(),
  attempts: z.array(attempt),
  engine: z
    .strictObject({
      phase: engine,
      runs_on: z.string().exactOptional(),
      workers: z.strictObject({ active: z.int(), succeeded: z.int(), failed: z.int() }),
      problems: z.array(problem),
    })
    .nullable(),
  repair,
  elsewhere: z.string().nullable(),
  failures: z.array(cause),
  stopped_by: z.array(problem),
  computed: z.int(),
  reused: z.int(),
  error: z.string().nullable(),
  results: z.string().nullable(),
});

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

const condition = z.union([
  z.strictObject({ parameter: z.string(), above: z.number().nullable(), at_most: z.number().nullable() }),
  z.strictObject({ parameter: z.string(), equals: params.valueType }),
  z.strictObject({ parameter: z.string(), differs: params.valueType }),
]);
const region = z.strictObject({
  conditions: z.array(condition),
  failed: z.int(),
  succeeded: z.int(),
  purity: z.number(),
  coverage: z.number(),
});
export const jobsFailures = eachDocument('modelops.jobs.failures/v1', {
  job,
  status,
  tasks: z.int(),
  missing: z.int(),
  failed: z.int(),
  causes: z.array(cause.extend({ reproduce: z.string(), region: region.nullable() })),
  targets: z.array(
    z.strictObject({
      target: z.string(),
      reason: z.string(),
      count: z.int(),
      sample: z.strictObject({ param_id: z.string(), params }),
    }),
  ),
  stopped_by: z.array(problem),
});

const outcome = { status, tasks: z.int(), done: z.int(), verified: z.int(), missing };
export const jobsWait = eachDocument('modelops.jobs.wait/v1', { job, ...outcome });
export const jobsCancel = eachDocument('modelops.jobs.cancel/v1', { job, before: status, status, stops_on: z.string().nullable() });
export const jobsDelete = eachDocument('modelops.jobs.delete/v1', { job, before: status, tasks: z.int() });

export const jobsValidate = eachDocument('modelops.jobs.validate/v1', {
  job,
  before: status,
  status,
  verified: z.int(),
  missing,
  skipped: z.boolean(),
  quarantined: z.array(z.strictObject({ key: z.string(), reason: z.string() })),
  checked: z.boolean(),
});

const rebinding = z.strictObject({
  from: z.string(),
  to: z.string(),
  is_model_changed: z.boolean(),
  changed_targets: z.array(z.string()),
  invalidated: z.strictObject({ tasks: z.int(), aggregations: z.int() }),
});
export const jobsResume = eachDocument('modelops.jobs.resume/v1', {
  job,
  attempt: z.int(),
  tasks: z.int(),
  chunks: z.int(),
  status,
  dry_run: z.boolean(),
  rebinding: rebinding.nullable(),
  waited: z.boolean(),
  outcome: z.strictObject(outcome).nullable(),
});

const synced = z.strictObject({
  job,
  before: status,
  status,
  engine: engine.nullable(),
  repair,
  skipped: z.boolean(),
  elsewhere: z.string().nullable(),
});
export const jobsSync = document('modelops.jobs.sync/v1', {
  jobs: z.array(z.union([synced, failedJob])),
  changed: z.int(),
  dry_run: z.boolean(),
});
