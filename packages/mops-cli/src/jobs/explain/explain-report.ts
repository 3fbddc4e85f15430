import type { TaskRun } from '../../repro/task-run.ts';
import type { TaskDescription } from '../describe-task.ts';
import type { TaskExplanation } from './task-explanation.ts';

/** A task of a job, and why it has a result or not. */
export interface ExplainReport {
  readonly job: string;
  readonly task: TaskDescription | null;
  readonly explanation: TaskExplanation;
  /** The outcome of running it here, if requested. */
  readonly run: TaskRun | null;
}
