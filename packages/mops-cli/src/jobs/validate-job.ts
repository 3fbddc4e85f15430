import { isTerminal, type JobId, type JobState } from '@modelops/contracts';
import { quarantineBadPacks, type StoreProblem } from '@modelops/store';
import { createJob, type Job } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import { settleJob, validateByOutputs } from './settle-job.ts';
import { type ShownMissing, shownMissing } from './shown-state.ts';

export interface ValidateReport {
  readonly job: JobId;
  readonly before: JobState['status'];
  readonly status: JobState['status'];
  readonly verified: number;
  readonly missing: ShownMissing;
  /** True for a record from before manifests: there is nothing to compare with. */
  readonly skipped: boolean;
  /** With `deep`: objects whose bytes changed or are missing; their packs are in quarantine now. */
  readonly quarantined: readonly { readonly key: string; readonly reason: string }[];
  /** Whether the store was read now; a job that ended is reported as it was found then, unless forced. */
  readonly checked: boolean;
}

export interface ValidateOptions {
  /** Validate a job again that succeeded or is partial. */
  readonly force: boolean;
  /** The same, and read every byte of the packs of its model first: those that changed are quarantined, and their tasks are missing. */
  readonly deep?: boolean;
}

/**
 * Validates a job whose workers have ended; with `force` or `deep` one that succeeded or is partial again. Others are left as they are. Without `deep`
 * an output exists when an intact index names it and its file is listed.
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
