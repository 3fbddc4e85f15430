import { aggregationIdOf, type Digest, logicalAggregationPath, logicalPath, seedToJson, type TaskId } from '@modelops/contracts';
import type { Job } from '@modelops/worker';
import type { OutputSpec } from '../documents/jobs.ts';

/** Which outputs exist. */
export interface OutputPresence {
  hasTask(id: TaskId): boolean;
  /** By the number of its parameter set. */
  hasAggregation(target: string, set: number): boolean;
}

/**
 * Every output that a job expects, by parameter set, replicates before aggregations; with `present` only the missing ones. Lazy: memory
 * does not grow with the number of tasks.
 */
export function* expectedOutputs(job: Job, present?: OutputPresence): Generator<OutputSpec, void, undefined> {
  const { tasks, spec } = job;
  const code = spec.binding.code as Digest;
  for (let set = 0; set < tasks.groupCount; set++) {
    const { start, end } = tasks.groupAt(set);
    const { param_id } = tasks.paramsAt(set);
    const ids: TaskId[] = [];
    for (let task = start; task < end; task++) {
      const task_id = tasks.idAt(task);
      ids.push(task_id);
      if (present?.hasTask(task_id) === true) continue;
      const seed = tasks.seedAt(task);
      yield {
        output_type: 'simulation',
        param_id,
        seed: seedToJson(BigInt(seed)),
        task_id,
        provenance_path: logicalPath(code, param_id, seed),
      };
    }
    for (const { name, digest } of spec.binding.targets) {
      const aggregation_id = aggregationIdOf(name, digest, ids);
      if (present?.hasAggregation(name, set) === true) continue;
      yield {
        output_type: 'aggregation',
        param_id,
        target: name,
        replicate_count: end - start,
        aggregation_id,
        provenance_path: logicalAggregationPath(code, name, aggregation_id),
      };
    }
  }
}
