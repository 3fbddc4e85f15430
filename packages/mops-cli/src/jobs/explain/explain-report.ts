import type { JsonSeed, ParamValues } from '@modelops/contracts';
import type { TaskRun } from '../../repro/task-run.ts';
import type { TaskExplanation } from './task-explanation.ts';

/** A task of a job, and why it has a result or none. */
export interface ExplainReport {
  readonly job: string;
  readonly task: {
    readonly task_id: string;
    readonly index: number;
    readonly param_id: string;
    readonly params: ParamValues;
    readonly seed: JsonSeed;
    readonly path: string;
  } | null;
  readonly explanation: TaskExplanation;
  /** What came of running it here, where that was asked for. */
  readonly run: TaskRun | null;
}
