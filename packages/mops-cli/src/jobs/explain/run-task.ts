import { seedToJson } from '@modelops/contracts';
import { HostLost, LoadFailed, type ModelHost, type TaskError } from '@modelops/model-host';
import type { OutputTable } from '@modelops/store';
import { guardJob, type Job, openHosts } from '@modelops/worker';
import type { MopsDeps, OpenEnvironment } from '../../deps.ts';

/** What came of a task that ran here. */
export interface TaskRun {
  readonly status: 'ok' | 'failed';
  readonly error: TaskError | null;
  readonly duration_ms: number;
  /** Rows and columns of each output. */
  readonly outputs: readonly { readonly name: string; readonly rows: number; readonly columns: readonly string[] }[];
}

/**
 * Runs one task on a model host of this machine, from the job's own bundle, as a worker does; nothing is written to the store.
 * `onOutput` is given what the model prints. @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID, REGISTRY_UNREACHABLE
 */
export async function runTask(
  job: Job,
  index: number,
  { environment, cacheDir }: Pick<OpenEnvironment, 'environment' | 'cacheDir'>,
  { clock, onOutput }: Pick<MopsDeps, 'clock'> & { readonly onOutput: (text: string) => void },
): Promise<TaskRun> {
  const startedAt = clock();
  const { hosts, load } = await openHosts(job, { environment, cacheDir, onOutput });
  const { params, seed } = job.tasks.taskAt(index);
  const guard = guardJob(job);
  let host: ModelHost | undefined;
  try {
    host = await hosts.start({ ...load, targets: [] });
    guard.watch(host);
    const { durations, errors, outputs } = await host.run({ values: [params.values], set: [0], seeds: [seedToJson(seed)] });
    const duration_ms = durations[0]!;
    const [failure] = errors;
    if (failure !== undefined) return { status: 'failed', error: failure.error, duration_ms, outputs: [] };
    return { status: 'ok', error: null, duration_ms, outputs: Object.entries(outputs).map(shapeOf) };
  } catch (error) {
    if (!(error instanceof LoadFailed || error instanceof HostLost)) throw error;
    return { status: 'failed', error: error.reason, duration_ms: clock() - startedAt, outputs: [] };
  } finally {
    await host?.kill();
    guard.stop();
  }
}

function shapeOf([name, { rows, columns }]: [string, OutputTable]): TaskRun['outputs'][number] {
  return { name, rows: rows[0]!, columns: columns.map((column) => column.name) };
}
