import { type JobId, type JobState, ModelOpsError } from '@modelops/contracts';
import { readPlan } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { ScaleReport } from '../documents/jobs.ts';
import { whereElse } from './observe-job.ts';
import { currentAttempt } from './plan-repair.ts';

/**
 * Changes the number of workers of a job that runs, to at most as many as its chunks occupy. Results and chunks are not affected: a worker that is
 * stopped writes what it has finished and leaves its chunks to the others.
 * @throws CONFLICT if it does not run, runs where this engine cannot reach it, or its engine refuses
 */
export async function scaleJob(
  job: JobId,
  requested: number,
  { stores: { registry, objects }, engine }: Pick<OpenEnvironment, 'stores' | 'engine'>,
): Promise<ScaleReport> {
  const state = await registry.state(job);
  const attempt = currentAttempt(state);
  const isRunning = state.status === 'scheduled' || state.status === 'running';
  if (!isRunning || attempt === undefined) throw doesNotRun(state, requested);
  const elsewhere = await whereElse(attempt, engine);
  if (elsewhere !== undefined)
    throw new ModelOpsError('CONFLICT', `the workers of ${job} run on ${elsewhere}`, { hint: 'change their number there' });
  const { chunks, slots = 1 } = await readPlan(objects, job, attempt.n);
  const most = Math.max(1, Math.ceil(chunks.length / slots));
  const workers = Math.min(requested, most);
  const { before } = await engine.scale(job, attempt, workers);
  return { job, before, workers, most };
}

function doesNotRun({ job_id, status }: JobState, workers: number): ModelOpsError {
  const resumes = ['partial', 'failed', 'cancelled'].includes(status);
  return new ModelOpsError('CONFLICT', `${job_id} is ${status}: it has no workers whose number could change`, {
    hint: resumes ? `mops jobs resume ${job_id} --workers ${workers}` : `mops jobs status ${job_id}`,
  });
}
