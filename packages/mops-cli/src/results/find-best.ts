import type { JobId } from '@modelops/contracts';
import { type BestLosses, type BestOptions, bestLosses } from './best-losses.ts';
import { type LossFiles, pathsOfLosses } from './loss-files.ts';

/**
 * The lowest losses of a job, or of all jobs: from the summaries if they list enough, otherwise from the losses.
 * @throws RESULT_NOT_FOUND for a job without results, or a target that no row has; STORE_CORRUPT
 */
export async function findBest(losses: LossFiles, job: JobId | undefined, options: BestOptions): Promise<BestLosses> {
  return (await losses.summarisedBest(job, options)) ?? bestLosses(pathsOfLosses(losses, job), options);
}
