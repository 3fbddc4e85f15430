import { formatCount } from '@modelops/cli-kit';
import type { ShownMissing } from '../jobs/shown-state.ts';

/** The verified and the missing outputs of an ended job. */
export interface JobOutcome {
  readonly tasks: number;
  readonly verified: number;
  readonly missing: ShownMissing;
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
