import * as z from 'zod';
import { ModelOpsError } from '../errors.ts';
import { renewOldState } from './old-state.ts';
import { jobIdSchema } from './spec.ts';
import { JOB_STATUSES, type JobEvent, transition } from './transition.ts';

const instant = z.string();

/** One start of the job's workers. */
export const attemptSchema = z.looseObject({
  n: z.int().min(1),
  /** `local` or `kubernetes`. */
  engine: z.string(),
  /** What the engine calls it: the Kubernetes Job, or the local supervisor's folder. */
  k8s_name: z.string().nullable().default(null),
  tasks: z.int().min(0),
  /** Digest of the spec that its workers run, where a resume bound the job anew; without one it is the job's own. */
  spec: z.string().optional(),
  started_at: instant,
  ended_at: instant.nullable().default(null),
});

/**
 * `jobs/<id>/state.json`: under 16 KiB whatever the task count. Fields that a later version wrote are kept through a rewrite.
 * `expected_outputs` is null for records from before manifests; such jobs skip validation. Records of the documents' system load too, see
 * {@link renewOldState}.
 */
export const jobStateSchema = z.preprocess(
  renewOldState,
  z.looseObject({
    schema_version: z.int().default(1),
    job_id: jobIdSchema,
    status: z.enum(JOB_STATUSES),
    name: z.string().nullable().default(null),
    labels: z.record(z.string(), z.string()).default({}),
    created_at: instant,
    updated_at: instant,
    /** Transitions since the job was made, whose last 50 are in `history`. */
    moves: z.int().min(0).default(0),
    /** Digest of the spec that a resume bound the job to last; without one it is `spec.json`. */
    spec: z.string().optional(),
    tasks_total: z.int().min(0).default(0),
    tasks_verified: z.int().min(0).default(0),
    expected_outputs: z.looseObject({ simulations: z.int(), aggregations: z.int(), digest: z.string() }).nullable().default(null),
    missing_outputs: z.looseObject({ count: z.int(), first: z.array(z.string()) }).default({ count: 0, first: [] }),
    validation_started_at: instant.nullable().default(null),
    validation_completed_at: instant.nullable().default(null),
    validation_attempts: z.int().default(0),
    last_validation_error: z.string().nullable().default(null),
    error: z.string().nullable().default(null),
    /** Set while the record is being deleted: nothing may happen to the job any more. */
    deleted_at: instant.nullable().default(null),
    attempts: z.array(attemptSchema).default([]),
    history: z
      .array(
        z.looseObject({
          from: z.enum(JOB_STATUSES).nullable(),
          to: z.enum(JOB_STATUSES),
          at: instant,
          reason: z.string().nullable().default(null),
        }),
      )
      .default([]),
  }),
);

export type JobState = Readonly<z.output<typeof jobStateSchema>>;
export type Attempt = Readonly<z.output<typeof attemptSchema>>;

const HISTORY_KEPT = 50;

export interface StateChange {
  readonly at: string;
  readonly reason?: string;
  /** Fields set together with the transition. */
  readonly set?: Partial<Omit<JobState, 'job_id' | 'status' | 'history'>>;
}

/** The record after an event: status, history (the last 50) and the fields set with it. @throws ILLEGAL_TRANSITION */
export function applyEvent(state: JobState, event: JobEvent, { at, reason, set = {} }: StateChange): JobState {
  if (state.deleted_at !== null)
    throw new ModelOpsError('ILLEGAL_TRANSITION', `${state.job_id} is being deleted`, { hint: 'mops jobs list' });
  const status = transition(state.status, event);
  const history = [...state.history, { from: state.status, to: status, at, reason: reason ?? null }].slice(-HISTORY_KEPT);
  // A count that is set anew keeps what a later version wrote beside it.
  const counts = (name: 'expected_outputs' | 'missing_outputs') => (set[name] ? { [name]: { ...state[name], ...set[name] } } : {});
  const change = { ...set, ...counts('expected_outputs'), ...counts('missing_outputs') };
  return { ...state, ...change, status, moves: state.moves + 1, updated_at: at, history };
}
