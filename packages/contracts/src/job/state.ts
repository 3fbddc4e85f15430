import * as z from 'zod';
import { renewOldState } from './old-state.ts';
import { ownerSchema } from './owner.ts';
import { jobIdSchema } from './spec.ts';
import { JOB_STATUSES } from './transition.ts';

/** One start of the job's workers. */
const attemptSchema = z.lazy(() =>
  z.looseObject({
    n: z.int().min(1),
    /** `local`, `kubernetes`, or `none` if there was nothing to run. */
    engine: z.string(),
    /** Where its workers run; null in records of older versions. */
    owner: ownerSchema.nullable().catch(null).default(null),
    /** The engine's name for it: the Kubernetes Job, or the local supervisor's folder. */
    k8s_name: z.string().nullable().default(null),
    namespace: z.string().nullable().default(null),
    tasks: z.int().min(0),
    /** Digest of the spec that its workers run, if a resume bound the job again; otherwise they run the job's `spec.json`. */
    spec: z.string().optional(),
    started_at: z.string(),
    ended_at: z.string().nullable().default(null),
  }),
);

const recordSchema = () =>
  z.looseObject({
    schema_version: z.int().default(1),
    job_id: jobIdSchema,
    name: z.string().nullable().default(null),
    labels: z.record(z.string(), z.string()).default({}),
    created_at: z.string(),
    updated_at: z.string(),
    /** Transitions since the job was created; the last 50 are in `history`. */
    moves: z.int().min(0).default(0),
    /** Digest of the spec that the last resume bound the job to; otherwise it is `spec.json`. */
    spec: z.string().optional(),
    tasks_total: z.int().min(0).default(0),
    tasks_verified: z.int().min(0).default(0),
    /** Null for records from before manifests; such jobs skip validation. */
    expected_outputs: z.looseObject({ simulations: z.int(), aggregations: z.int(), digest: z.string() }).nullable().default(null),
    missing_outputs: z.looseObject({ count: z.int(), first: z.array(z.string()) }).default({ count: 0, first: [] }),
    validation_started_at: z.string().nullable().default(null),
    validation_completed_at: z.string().nullable().default(null),
    validation_attempts: z.int().default(0),
    last_validation_error: z.string().nullable().default(null),
    error: z.string().nullable().default(null),
    /** The last 20. */
    attempts: z.array(attemptSchema).default([]),
    /** The last 50 transitions. */
    history: z
      .array(
        z.looseObject({
          from: z.enum(JOB_STATUSES).nullable(),
          to: z.enum(JOB_STATUSES),
          at: z.string(),
          reason: z.string().nullable().default(null),
        }),
      )
      .default([]),
  });

/** A submission is under way: `submitter` renews `updated_at` while it lives. Null in records of older versions. */
const submission = () => ({ submitter: ownerSchema.nullable().catch(null).default(null) });
/** The job has ended. `deleted_at` is set while its record is being deleted: nothing else may happen to it. */
const ended = () => ({ deleted_at: z.string().nullable().default(null) });

/**
 * `jobs/<id>/state.json`: a union by status, under 16 KiB for any number of tasks. Fields that a later version wrote survive a rewrite. Records
 * of the original Python system load too, see {@link renewOldState}.
 */
export const jobStateSchema = z.lazy(() => {
  const record = recordSchema();
  return z.preprocess(
    renewOldState,
    z.discriminatedUnion('status', [
      record.extend({ status: z.literal('pending'), ...submission() }),
      record.extend({ status: z.literal('submitting'), ...submission() }),
      record.extend({ status: z.literal('scheduled') }),
      record.extend({ status: z.literal('running') }),
      record.extend({ status: z.literal('validating') }),
      record.extend({ status: z.literal('succeeded'), ...ended() }),
      record.extend({ status: z.literal('partial'), ...ended() }),
      record.extend({ status: z.literal('failed'), ...ended() }),
      record.extend({ status: z.literal('cancelled'), ...ended() }),
    ]),
  );
});

export type JobState = Readonly<z.output<typeof jobStateSchema>>;
export type Attempt = Readonly<z.output<typeof attemptSchema>>;
/** The fields that every job has. */
export type JobRecord = Readonly<z.output<ReturnType<typeof recordSchema>>>;
