import type { JobId } from '@modelops/contracts';
import type { Job } from '@modelops/worker';
import { type Change, changesBetween, type JobInputs } from './changes-between.ts';
import { type PairableLoss, type PairedLosses, pairLosses } from './pair-losses.ts';
import { type SharedSets, sharedSets } from './seeds-in-common.ts';

/** Two jobs compared: their losses at the sets that both have, and what differs between their inputs. */
export interface JobComparison {
  readonly a: JobId;
  readonly b: JobId;
  readonly shared: SharedSets;
  readonly targets: readonly PairedLosses[];
  readonly changes: readonly Change[];
  /** False if the registry lacks a bundle or is unreachable: changed files are then not listed. */
  readonly has_files: boolean;
}

/** A job with its bundle, and its losses so far. */
export interface ComparedJob extends Pick<JobInputs, 'manifest'> {
  readonly job: Job;
  readonly losses: readonly PairableLoss[];
}

export function compareJobs(a: ComparedJob, b: ComparedJob): JobComparison {
  const inputsOf = ({ job, manifest }: ComparedJob): JobInputs => ({ spec: job.spec, manifest });
  return {
    a: a.job.id,
    b: b.job.id,
    shared: sharedSets(a.job, b.job),
    targets: pairLosses(a.losses, b.losses),
    changes: changesBetween(inputsOf(a), inputsOf(b)),
    has_files: a.manifest !== undefined && b.manifest !== undefined,
  };
}
