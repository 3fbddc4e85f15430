import { isTerminal, type JobId, type JobState } from '@modelops/contracts';
import { quarantineBadPacks, type StoreProblem } from '@modelops/store';
import { createJob, type Job } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { ValidateReport } from '../documents/jobs.ts';
import { settleJob, validateByOutputs } from './settle-job.ts';
import { shownMissing } from './shown-state.ts';

export interface ValidateOptions {
  /** Validate a succeeded or partial job again. */
  readonly force: boolean;
  /** Like `force`, but first verify every byte of its model's packs: changed packs are quarantined, and their tasks become missing. */
  readonly deep?: boolean;
}

/**
 * Validates a job whose workers have ended; with `force` or `deep` also a succeeded or partial job. Other jobs are not changed. Without
 * `deep`, an output exists if an intact index lists it and its file exists.
 */
export async function validateJob(id: JobId, { force, deep = false }: ValidateOptions, opened: OpenEnvironment): Promise<ValidateReport> {
  const { registry, objects } = opened.stores;
  const before = await registry.state(id);
  const report = (state: JobState, checked: boolean): ValidateReport => ({
    job: id,
    before: before.status,
    status: state.status,
    verified: state.tasks_verified,
    missing: shownMissing(state),
    skipped: before.expected_outputs === null,
    checked,
    quarantined: quarantined.map(({ key, reason }) => ({ key, reason })),
  });
  let quarantined: readonly StoreProblem[] = [];
  const checkBytes = async (job: Job) => {
    for (const address of deep ? [job.sims, ...job.spec.binding.targets.map(({ name }) => job.aggs(name))] : [])
      quarantined = [...quarantined, ...(await quarantineBadPacks(objects, address))];
  };
  if (before.expected_outputs === null) return report(before, false);
  if (!isTerminal(before.status)) {
    const job = createJob(await registry.spec(id));
    await checkBytes(job);
    const { state } = await settleJob(job, before, opened);
    return report(state, isTerminal(state.status));
  }
  if (!(force || deep) || (before.status !== 'succeeded' && before.status !== 'partial')) return report(before, false);
  const job = createJob(await registry.spec(id));
  await checkBytes(job);
  await registry.transition(id, { reopen: 'revalidate' }, { reason: `mops jobs validate ${deep ? '--deep' : '--force'}` });
  return report(await validateByOutputs(job, opened), true);
}
