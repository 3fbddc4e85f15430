import type { AttemptPlan } from '@modelops/contracts';
import type { HostStarter, LoadMessage } from '@modelops/model-host';
import type { Job } from './job-context.ts';

/** Options of one worker of an attempt. */
export interface WorkerOptions {
  readonly job: Job;
  readonly plan: AttemptPlan;
  readonly index: number;
  readonly slots: number;
  /** Name of this worker in claims and rows: host and process. */
  readonly name: string;
  readonly load: LoadMessage;
  readonly hosts: HostStarter;
  /** Aborted on SIGTERM: finished results are written, and the rest of the chunk is left to the next worker. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}
