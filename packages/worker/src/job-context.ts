import {
  type Attempt,
  type AttemptPlan,
  attemptPlanSchema,
  createJobTasks,
  type JobId,
  type JobSpec,
  type JobTasks,
  keys,
  ModelOpsError,
  type PackAddress,
} from '@modelops/contracts';
import { type JobRegistry, MAX_BYTES, type ObjectStore, type ProvenanceStore, readRecord } from '@modelops/store';

/** The stores of a job, and the clock; chosen once, in `main`. */
export interface Stores {
  readonly objects: ObjectStore;
  /** The same store with a local cache for immutable objects (pack indexes, job specs). Not for integrity checks. */
  readonly cached: ObjectStore;
  readonly registry: JobRegistry;
  readonly provenance: ProvenanceStore;
  readonly now: () => number;
  readonly random: () => number;
}

/** A job, its tasks, and the addresses of its results. */
export interface Job {
  readonly id: JobId;
  readonly spec: JobSpec;
  readonly tasks: JobTasks;
  readonly sims: PackAddress;
  aggs(target: string): PackAddress;
}

export function createJob(spec: JobSpec): Job {
  const { schema, code, entrypoint } = spec.binding;
  return {
    id: spec.job_id,
    spec,
    tasks: createJobTasks(spec.study, spec.binding),
    sims: { schema, kind: 'sims', code, name: entrypoint },
    aggs: (target) => ({ schema, kind: 'aggs', code, name: target }),
  };
}

/** @throws JOB_NOT_FOUND if the attempt has no plan */
export async function readPlan(objects: ObjectStore, job: JobId, n: Attempt['n']): Promise<AttemptPlan> {
  const plan = await readRecord(objects, keys.plan(job, n), attemptPlanSchema, MAX_BYTES.spec);
  if (plan !== undefined) return plan;
  throw new ModelOpsError('JOB_NOT_FOUND', `attempt ${n} of ${job} has no plan`, { hint: `mops jobs status ${job}` });
}
