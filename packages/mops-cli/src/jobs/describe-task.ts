import { logicalPath, seedToJson } from '@modelops/contracts';
import type { Job } from '@modelops/worker';
import type { TaskDescription } from '../documents/parts.ts';

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
