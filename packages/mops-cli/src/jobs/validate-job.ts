import { isTerminal, type JobId, type JobState } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import { settleJob, validateByOutputs } from './settle-job.ts';

export interface ValidateReport {
  readonly job: JobId;
  readonly before: JobState['status'];
  readonly status: JobState['status'];
  readonly verified: number;
  readonly missing: JobState['missing_outputs'];
  /** True for a record from before manifests: there is nothing to compare with. */
  readonly skipped: boolean;
  /** Whether the outputs were read now; a job that has ended keeps what was found then, unless forced. */
  readonly checked: boolean;
}

/** Validates a job whose workers have ended; with `force` one that succeeded or is partial again. Others are left as they are. */
export async function validateJob(id: JobId, { force }: { readonly force: boolean }, opened: OpenEnvironment): Promise<ValidateReport> {
  const { registry } = opened.stores;
  const before = await registry.state(id);
  const report = (state: JobState, checked: boolean): ValidateReport => ({
    job: id,
    before: before.status,
    status: state.status,
    verified: state.tasks_verified,
    missing: state.missing_outputs,
    skipped: before.expected_outputs === null,
    checked,
  });
  if (before.expected_outputs === null) return report(before, false);
  if (!isTerminal(before.status)) {
    const { state } = await settleJob(createJob(await registry.spec(id)), before, opened);
    return report(state, isTerminal(state.status));
  }
  if (!force || (before.status !== 'succeeded' && before.status !== 'partial')) return report(before, false);
  const job = createJob(await registry.spec(id));
  await registry.transition(id, { reopen: 'revalidate' }, { reason: 'mops jobs validate --force' });
  return report(await validateByOutputs(job, opened), true);
}
