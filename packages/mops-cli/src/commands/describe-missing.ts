import { formatCount } from '@modelops/cli-kit';
import { isTerminal } from '@modelops/contracts';
import type { WaitedOutcome } from '../documents/jobs.ts';
import { shownMissing } from '../jobs/shown-state.ts';
import type { Waited } from './watch-job.ts';

/** The verified and the missing outputs of an ended job. */
export type JobOutcome = Pick<WaitedOutcome, 'tasks' | 'verified' | 'missing'>;

export function outcomeOf({ state, done }: Waited): WaitedOutcome {
  return { status: state.status, tasks: state.tasks_total, done, verified: state.tasks_verified, missing: shownMissing(state) };
}

/** The results of a running or cancelled job are not verified, so its missing outputs are unknown. */
export function describeWaited({ done, ...outcome }: WaitedOutcome): string {
  const isVerified = isTerminal(outcome.status) && outcome.status !== 'cancelled';
  return isVerified ? describeOutcome(outcome) : `${formatCount(done)} of ${formatCount(outcome.tasks, 'task')}`;
}

/** Maximum number of targets named: a job may have hundreds. */
const NAMED = 3;

/** `4 of 10 tasks; missing: 6 tasks, 3 losses of fit`. */
export function describeOutcome({ tasks, verified, missing }: JobOutcome): string {
  const parts = [];
  const lacking = tasks - verified;
  if (lacking > 0) parts.push(formatCount(lacking, 'task'));
  const losses = missing.count - lacking;
  if (losses > 0) parts.push(`${formatCount(losses)} ${losses === 1 ? 'loss' : 'losses'}${targetsOf(missing.first)}`);
  return `${formatCount(verified)} of ${formatCount(tasks, 'task')}${parts.length === 0 ? '' : `; missing: ${parts.join(', ')}`}`;
}

/** The targets whose losses are missing, of the outputs listed in the record. */
function targetsOf(first: readonly string[]): string {
  const targets = [...new Set(first.flatMap((name) => /^(.+) of [0-9a-f]{64}$/.exec(name)?.[1] ?? []))];
  if (targets.length === 0) return '';
  return ` of ${targets.slice(0, NAMED).join(', ')}${targets.length > NAMED ? ' and other targets' : ''}`;
}
