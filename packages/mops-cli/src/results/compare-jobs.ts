import type { Job } from '@modelops/worker';
import type { ShownComparison } from '../documents/results.ts';
import { changesBetween, type JobInputs } from './changes-between.ts';
import { type PairableLoss, pairLosses } from './pair-losses.ts';
import { sharedSets } from './seeds-in-common.ts';

/** A job with its bundle, and its losses so far. */
export interface ComparedJob extends Pick<JobInputs, 'manifest'> {
  readonly job: Job;
  readonly losses: readonly PairableLoss[];
}

/** Compares the losses of two jobs at the sets that both have, and their inputs. */
export function compareJobs(a: ComparedJob, b: ComparedJob): Omit<ShownComparison, 'largest'> {
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
