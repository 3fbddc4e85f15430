import { ModelOpsError } from '../errors.ts';

export const JOB_STATUSES = [
  'pending',
  'submitting',
  'scheduled',
  'running',
  'validating',
  'succeeded',
  'partial',
  'failed',
  'cancelled',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** The states a job may go to from each state. `running → succeeded` is only for jobs of versions without validation. */
export const TRANSITIONS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  pending: ['submitting', 'cancelled'],
  submitting: ['scheduled', 'failed', 'cancelled'],
  scheduled: ['running', 'validating', 'failed', 'cancelled'],
  running: ['validating', 'succeeded', 'failed', 'cancelled'],
  validating: ['succeeded', 'partial', 'failed', 'cancelled'],
  succeeded: [],
  partial: [],
  failed: [],
  cancelled: [],
};

export const TERMINAL_STATUSES: readonly JobStatus[] = JOB_STATUSES.filter((status) => TRANSITIONS[status].length === 0);

/** Named ways out of a terminal state; never ordinary transitions. */
export const REOPENINGS = {
  resume: { from: ['partial', 'failed', 'cancelled'], to: 'submitting' },
  revalidate: { from: ['succeeded', 'partial'], to: 'validating' },
} as const satisfies Record<string, { from: readonly JobStatus[]; to: JobStatus }>;

export type Reopening = keyof typeof REOPENINGS;
export type JobEvent = { readonly to: JobStatus; readonly legacy?: boolean } | { readonly reopen: Reopening };

export function isTerminal(status: JobStatus): boolean {
  return TRANSITIONS[status].length === 0;
}

/**
 * The state after an event; the only rule by which a status changes. `running → succeeded` needs `legacy` (a job without a manifest).
 * @throws ILLEGAL_TRANSITION
 */
export function transition(from: JobStatus, event: JobEvent): JobStatus {
  if ('reopen' in event) {
    const { from: allowed, to } = REOPENINGS[event.reopen];
    if ((allowed as readonly JobStatus[]).includes(from)) return to;
    throw illegal(from, `cannot be reopened by ${event.reopen}`);
  }
  const isLegacyOnly = from === 'running' && event.to === 'succeeded';
  if (TRANSITIONS[from].includes(event.to) && (!isLegacyOnly || event.legacy === true)) return event.to;
  throw illegal(from, `cannot become ${event.to}`);
}

function illegal(from: JobStatus, what: string): ModelOpsError {
  return new ModelOpsError('ILLEGAL_TRANSITION', `a job that is ${from} ${what}`, {
    hint: 'mops jobs status JOB',
    details: { from },
  });
}
