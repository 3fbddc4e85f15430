import { answering, isTerminal, type JobState, type JobStatus, MISSING_NAMED, messageOf } from '@modelops/contracts';
import type { Evaluation, OutputTables } from '@modelops/model-host';
import type { AggregatedLoss } from '@modelops/store';
import { aggregateGroups } from '../aggregate/aggregate-groups.ts';
import type { Job, Stores } from '../job-context.ts';
import { indexResults } from './index-results.ts';
import { type VerifiedOutputs, verifyOutputs } from './verify-outputs.ts';

export interface FinaliseOptions {
  /** Evaluates targets of sets that lack only their aggregation; if omitted, they stay missing. */
  readonly evaluate?: (target: string, outputs: OutputTables) => Promise<Evaluation>;
  /** Does not join a validation that another process has begun. Default: false. */
  readonly skipsBegun?: boolean;
}

/**
 * Validates a job by its existing outputs, indexes its results and ends it as `succeeded`, `partial` or `failed`. Every step may be repeated. Of several
 * concurrent callers one moves the state, and the others return the new state. A terminal job is not changed.
 */
export async function finaliseJob(job: Job, stores: Stores, { evaluate, skipsBegun = false }: FinaliseOptions = {}): Promise<JobState> {
  const { state: before, isOurs } = await enterValidation(job, stores);
  if (before.status !== 'validating' || (skipsBegun && !isOurs)) return before;
  try {
    let outputs = await verifyOutputs(job, stores);
    if (outputs.unaggregated.length > 0 && evaluate !== undefined) {
      await aggregateGroups(job, outputs.unaggregated, { has: outputs.has, memory: () => undefined, evaluate }, stores);
      outputs = await verifyOutputs(job, stores);
    }
    return await end(job, await indexOutputs(job, stores, outputs), stores);
  } catch (error) {
    await stores.registry.failValidation(job.id, messageOf(error));
    throw error;
  }
}

/** Indexes the results of a job's existing outputs, and returns those that were indexed. @param outputs as they were before; read if undefined */
export async function indexOutputs(job: Job, stores: Stores, outputs?: VerifiedOutputs): Promise<VerifiedOutputs> {
  let found = outputs ?? (await verifyOutputs(job, stores));
  while (!(await indexResults(job, found, stores))) found = await verifyOutputs(job, stores);
  return found;
}

async function enterValidation(job: Job, { registry }: Stores): Promise<{ readonly state: JobState; readonly isOurs: boolean }> {
  const state = await registry.state(job.id);
  if (state.status === 'validating' || isTerminal(state.status)) return { state, isOurs: false };
  return registry.transition(job.id, { to: 'validating' }).then(
    (entered) => ({ state: entered, isOurs: true }),
    // Another finaliser was first, or the job was cancelled.
    answering(async () => ({ state: await registry.state(job.id), isOurs: false }), 'ILLEGAL_TRANSITION'),
  );
}

async function end(job: Job, outputs: VerifiedOutputs, { registry }: Stores): Promise<JobState> {
  const found = { tasks_verified: outputs.verified, missing_outputs: missingOutputs(job, outputs) };
  const moved = registry.transition(job.id, { to: finalStatus(outputs) }, { outputs: found });
  return moved.catch(answering(() => registry.state(job.id), 'ILLEGAL_TRANSITION'));
}

/** The final state: all outputs exist, some, or none. */
export function finalStatus({
  verified,
  missingCount,
  aggregations,
}: VerifiedOutputs): Extract<JobStatus, 'succeeded' | 'partial' | 'failed'> {
  if (verified === 0) return 'failed';
  if (missingCount > 0) return 'partial';
  for (const { row } of aggregations) if (!hasLoss(row)) return 'partial';
  return 'succeeded';
}

function missingOutputs(job: Job, { missing, missingCount, aggregations }: VerifiedOutputs): { count: number; first: string[] } {
  const names: string[] = [];
  let lost = 0;
  for (const { set, target, row } of aggregations)
    if (!hasLoss(row) && lost++ < MISSING_NAMED) names.push(`${target} of ${job.tasks.paramsAt(set).param_id}`);
  return { count: missingCount + lost, first: [...missing.slice(0, MISSING_NAMED), ...names].slice(0, MISSING_NAMED) };
}

const hasLoss = (row: AggregatedLoss | undefined): boolean => row !== undefined && row.loss !== null;
