import type { HostStarter, LoadMessage } from '@modelops/model-host';
import { createPackBuffer } from './chunk/pack-buffer.ts';
import { createTaskRunner, guardJob } from './chunk/task-runner.ts';
import type { Job, Stores } from './job-context.ts';
import { asModelError } from './worker-end.ts';

export interface PilotReport {
  readonly tasks: number;
  readonly failed: number;
}

/**
 * Runs some tasks of a job on one host of this machine, to measure their duration. Their results are written to a pack like any others, so a
 * later job reuses them. No job record is created. @throws MODEL_INVALID if the model does not load
 */
export async function runPilot(
  job: Job,
  tasks: readonly number[],
  { hosts, load }: { readonly hosts: HostStarter; readonly load: LoadMessage },
  stores: Stores,
): Promise<PilotReport> {
  const guard = guardJob(job);
  const runner = createTaskRunner({
    hosts,
    guard,
    load,
    valuesAt: (set) => job.tasks.paramsAt(set).values,
    maxAttempts: 1,
    now: stores.now,
  });
  const buffer = createPackBuffer(job, stores, 'pilot');
  try {
    const runnable = tasks.map((index) => ({ index, set: job.tasks.groupOf(index).set, seed: job.tasks.seedAt(index) }));
    await runner.run(runnable, (result) => buffer.add(result));
    await buffer.flush();
    return { tasks: tasks.length, failed: buffer.failedTasks.size };
  } catch (error) {
    throw asModelError(error, job.spec.study.model);
  } finally {
    await runner.close();
    guard.stop();
  }
}
