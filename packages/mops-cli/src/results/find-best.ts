import type { JobId } from '@modelops/contracts';
import { type BestLosses, type BestOptions, bestLosses } from './best-losses.ts';
import { type LossFiles, pathsOfLosses } from './loss-files.ts';

/**
 * The lowest losses of a job, or of all jobs: from the job's summary if that lists enough of them, otherwise from the losses.
 * @throws RESULT_NOT_FOUND for a job without results, or a target that no row has; STORE_CORRUPT
 */
export async function findBest(losses: LossFiles, job: JobId | undefined, options: BestOptions): Promise<BestLosses> {
  const listed = job === undefined ? undefined : await losses.summarisedBest(job, options);
  return listed ?? bestLosses(pathsOfLosses(losses, job), options);
}
