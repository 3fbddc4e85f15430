import { type OutputTable, seedToJson } from '@modelops/contracts';
import { HostLost, LoadFailed, type ModelHost, type TaskError } from '@modelops/model-host';
import { guardJob, type Job, openHosts } from '@modelops/worker';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';

/** The outcome of a task: its outputs, or why it has none. */
export interface Outcome {
  readonly error: TaskError | null;
  readonly outputs: Readonly<Record<string, OutputTable>>;
  readonly duration_ms: number;
}

/** Runs a task of a job on this machine on a fresh host, like a worker, but writes nothing to the store. */
export type RunHere = (index: number) => Promise<Outcome>;

export interface RunHereOptions extends Pick<MopsDeps, 'clock'> {
  /** Receives the output of the model. */
  readonly onOutput: (text: string) => void;
  /** Starts the model under a debugger, without limits of time and memory. */
  readonly debugger?: boolean;
  /** Where to keep the scratch folder of a command model. */
  readonly keptScratch?: string | undefined;
}

/** Pulls the job’s bundle by digest and builds its environment. @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID, REGISTRY_UNREACHABLE */
export async function openRunHere(
  job: Job,
  { environment, cacheDir }: Pick<OpenEnvironment, 'environment' | 'cacheDir'>,
  { clock, onOutput, debugger: isDebugged = false, keptScratch }: RunHereOptions,
): Promise<RunHere> {
  const { hosts, load } = await openHosts(job, { environment, cacheDir, onOutput, debugger: isDebugged, keptScratch });
  return async (index) => {
    const startedAt = clock();
    const { params, seed } = job.tasks.taskAt(index);
    const guard = isDebugged ? undefined : guardJob(job);
    let host: ModelHost | undefined;
    try {
      host = await hosts.start({ ...load, targets: [] });
      guard?.watch(host);
      const { durations, errors, outputs } = await host.run({ values: [params.values], set: [0], seeds: [seedToJson(seed)] });
      const [failure] = errors;
      return { error: failure?.error ?? null, outputs: failure === undefined ? outputs : {}, duration_ms: durations[0]! };
    } catch (error) {
      if (!(error instanceof LoadFailed || error instanceof HostLost)) throw error;
      return { error: error.reason, outputs: {}, duration_ms: clock() - startedAt };
    } finally {
      await host?.kill();
      guard?.stop();
    }
  };
}
