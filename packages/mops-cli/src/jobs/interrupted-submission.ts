import type { Reporter } from '@modelops/cli-kit';
import type { JobId } from '@modelops/contracts';

/** How far a submission is. */
export interface SubmissionProgress {
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
  let phase: 'checking' | 'created' | 'starting' = 'checking';
  const onAbort = () => reporter.note(messageOf(phase, job));
  signal.addEventListener('abort', onAbort, { once: true });
  const end = () => signal.removeEventListener('abort', onAbort);
  return {
    onCreated: (id) => ([job, phase] = [id, 'created']),
    onStarting: () => (phase = 'starting'),
    onStarted() {
      if (signal.aborted) reporter.note(`${job} goes on; mops jobs cancel ${job} stops it`);
      end();
    },
    end,
  };
}

function messageOf(phase: 'checking' | 'created' | 'starting', job: JobId | undefined): string {
  switch (phase) {
    case 'checking':
      return 'no job was created';
    case 'created':
      return `${job} was created, and no worker is started; mops jobs resume ${job} starts it`;
    case 'starting':
      return `${job} is being started; mops jobs status ${job} shows whether it runs`;
  }
}
