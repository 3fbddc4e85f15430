import type { AttemptPlan } from '@modelops/contracts';
import type { HostStarter, LoadMessage } from '@modelops/model-host';
import type { Job } from './job-context.ts';

/** One worker of an attempt. */
export interface WorkerOptions {
  readonly job: Job;
  readonly plan: AttemptPlan;
  readonly index: number;
  readonly slots: number;
  /** What names this worker in claims and rows: host and process. */
  readonly name: string;
  readonly load: LoadMessage;
  readonly hosts: HostStarter;
  /** Ends the work: what has run is written, the rest of its chunk left to the next. SIGTERM. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}
