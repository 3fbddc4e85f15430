import { type JsonSeed, logicalPath, type ParamValues, seedToJson } from '@modelops/contracts';
import type { Job } from '@modelops/worker';

/** A task of a job as the documents of commands show it. */
export interface TaskDescription {
  readonly task_id: string;
  /** Its number in the job, from 0. */
  readonly index: number;
  readonly param_id: string;
  readonly params: ParamValues;
  readonly seed: JsonSeed;
  /** Logical path of its result. */
  readonly path: string;
}

export function describeTask(job: Job, index: number): TaskDescription {
  const { params, seed } = job.tasks.taskAt(index);
  return {
    task_id: job.tasks.idAt(index),
    index,
    param_id: params.param_id,
    params: params.values,
    seed: seedToJson(seed),
    path: logicalPath(job.spec.binding.code, params.param_id, seed),
  };
}
