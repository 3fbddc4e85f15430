import type { Reporter } from '@modelops/cli-kit';
import type { JobId } from '@modelops/contracts';

/** The progress of a submission. */
export interface SubmissionProgress {
  /** The record of the job is being written. */
  onCreating(job: JobId): void;
  /** The job exists from now on. */
  onCreated(job: JobId): void;
  /** Its workers are being started: an interruption no longer prevents it. */
  onStarting(): void;
  /** Its workers were started. */
  onStarted(): void;
  /** Stops reporting. */
  end(): void;
}

/** When a submission is interrupted, reports whether a job exists and whether it continues. */
export function reportInterruption(signal: AbortSignal, reporter: Pick<Reporter, 'note'>): SubmissionProgress {
  let job: JobId | undefined;
  let phase: Phase = 'checking';
  const onAbort = () => {
    // While the record is being written, it is unknown whether the job exists.
    if (phase !== 'creating') reporter.note(messageOf(phase, job));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const end = () => {
    signal.removeEventListener('abort', onAbort);
    if (signal.aborted && phase === 'creating') reporter.note(messageOf(phase, job));
  };
  return {
    onCreating: (id) => ([job, phase] = [id, 'creating']),
    onCreated(id) {
      const isLate = signal.aborted && phase === 'creating';
      [job, phase] = [id, 'created'];
      if (isLate) reporter.note(messageOf(phase, job));
    },
    onStarting: () => (phase = 'starting'),
    onStarted() {
      if (signal.aborted) reporter.note(`${job} continues; stop it with mops jobs cancel ${job}`);
      end();
    },
    end,
  };
}

type Phase = 'checking' | 'creating' | 'created' | 'starting';

function messageOf(phase: Phase, job: JobId | undefined): string {
  switch (phase) {
    case 'creating':
      return `${job} may have been created; check with mops jobs status ${job}`;
    case 'checking':
      return 'no job was created';
    case 'created':
      return `${job} was created, but no worker was started; start it with mops jobs resume ${job}`;
    case 'starting':
      return `${job} is being started; check with mops jobs status ${job}`;
  }
}
