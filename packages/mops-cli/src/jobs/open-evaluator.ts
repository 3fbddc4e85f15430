import type { Evaluation, OutputTables } from '@modelops/model-host';
import { createTaskRunner, guardJob, type Job, openHosts } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';

export { asModelError } from '@modelops/worker';

/** Evaluates targets of a job on hosts of this machine. */
export interface Evaluator {
  evaluate(target: string, outputs: OutputTables): Promise<Evaluation>;
  close(): Promise<void>;
}

export async function openEvaluator(
  job: Job,
  { stores, environment, cacheDir }: Pick<OpenEnvironment, 'stores' | 'environment' | 'cacheDir'>,
): Promise<Evaluator> {
  const guard = guardJob(job);
  try {
    const { hosts, load } = await openHosts(job, { environment, cacheDir, onOutput: () => undefined });
    const runner = createTaskRunner({ hosts, guard, load, valuesAt: () => ({}), maxAttempts: 2, now: stores.now });
    return {
      evaluate: (target, outputs) => runner.evaluate(target, outputs),
      close: () => runner.close().finally(() => guard.stop()),
    };
  } catch (error) {
    guard.stop();
    throw error;
  }
}
