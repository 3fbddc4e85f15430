import { isTerminal, type JobId, type JobState } from '@modelops/contracts';
import { quarantineBadPacks, type StoreProblem } from '@modelops/store';
import { createJob } from '@modelops/worker';
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
  const quarantined: StoreProblem[] = [];
  const isEnded = isTerminal(before.status);
  const isRepeated = (force || deep) && (before.status === 'succeeded' || before.status === 'partial');
  if (before.expected_outputs === null || (isEnded && !isRepeated)) return report(before, false);
  const job = createJob(await registry.spec(id));
  for (const address of deep ? [job.sims, ...job.spec.binding.targets.map(({ name }) => job.aggs(name))] : [])
    quarantined.push(...(await quarantineBadPacks(objects, address)));
  if (!isEnded) {
    const { state } = await settleJob(job, before, opened);
    return report(state, isTerminal(state.status));
  }
  await registry.transition(id, { reopen: 'revalidate' }, { reason: `mops jobs validate ${deep ? '--deep' : '--force'}` });
  return report(await validateByOutputs(job, opened), true);
}
