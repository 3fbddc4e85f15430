import { parseBundleRef } from '../identity/bundle-ref.ts';
import { entrypointOf } from '../identity/entrypoint.ts';
import type { JobId } from '../identity/ids.ts';
import type { ParamId } from '../identity/param-id.ts';
import type { SimulationStudy } from '../study.ts';
import { createJobTasks, type SimTask, type TaskGroup } from './tasks.ts';

/** The tasks of one parameter set, [start, end). */
export interface SimTaskGroup extends TaskGroup {
  readonly param_id: ParamId;
}

/** A study bound to a bundle. Its tasks are made when they are read: memory does not grow with them. */
export interface SimJob {
  readonly job_id: JobId;
  readonly bundle_ref: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Sources of the targets that its results are compared with; absent when there is none. */
  readonly target_spec?: readonly string[];
  readonly taskCount: number;
  /** One for each distinct parameter set, in order. */
  readonly taskGroups: Iterable<SimTaskGroup>;
  /** In order of the parameter sets, replicates innermost. */
  readonly tasks: Iterable<SimTask>;
  /** @throws RangeError for a task that does not exist */
  taskAt(i: number): SimTask;
}

/** Binds a study to a bundle (`sha256:…` or `repository@sha256:…`). Computes no task. @throws IDENTITY_INVALID for an invalid reference or model */
export function toSimJob(study: SimulationStudy, bundleRef: string, jobId: JobId): SimJob {
  const { digest } = parseBundleRef(bundleRef);
  const entrypoint = entrypointOf(study.model, study.scenario);
  const tasks = createJobTasks(study, { bundle_ref: bundleRef, entrypoint, code: digest, config: null });
  return {
    job_id: jobId,
    bundle_ref: bundleRef,
    metadata: study.metadata,
    ...(study.targets.length === 0 ? {} : { target_spec: study.targets }),
    taskCount: tasks.count,
    taskGroups: {
      *[Symbol.iterator]() {
        for (let set = 0; set < tasks.groupCount; set++) yield { ...tasks.groupAt(set), param_id: tasks.paramsAt(set).param_id };
      },
    },
    tasks,
    taskAt: tasks.taskAt,
  };
}
