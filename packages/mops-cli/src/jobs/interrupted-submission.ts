import type { Reporter } from '@modelops/cli-kit';
import type { JobId } from '@modelops/contracts';

/** How far a submission is. */
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

/** Reports, when a submission is interrupted, whether a job exists and whether it goes on. */
export function reportInterruption(signal: AbortSignal, reporter: Pick<Reporter, 'note'>): SubmissionProgress {
  let job: JobId | undefined;
  let phase: Phase = 'checking';
  const onAbort = () => {
    // Whether the job exists is known when the write has ended.
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
      if (signal.aborted) reporter.note(`${job} goes on; mops jobs cancel ${job} stops it`);
      end();
    },
    end,
  };
}

type Phase = 'checking' | 'creating' | 'created' | 'starting';

function messageOf(phase: Phase, job: JobId | undefined): string {
  switch (phase) {
    case 'creating':
      return `${job} may have been created; mops jobs status ${job} shows whether it was`;
    case 'checking':
      return 'no job was created';
    case 'created':
      return `${job} was created, and no worker is started; mops jobs resume ${job} starts it`;
    case 'starting':
      return `${job} is being started; mops jobs status ${job} shows whether it runs`;
  }
}
