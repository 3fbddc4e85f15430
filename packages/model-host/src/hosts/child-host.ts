import { type HostChannel, type Limits, openChannel } from './host-channel.ts';
import { type HostProcessOptions, spawnHost } from './host-process.ts';
import { decodeRan, type Evaluation, encodeEvaluate, type LoadMessage } from './messages.ts';
import { HostLost, type HostStarter, LoadFailed, type ModelHost } from './model-host.ts';
import { createReaper, type Reaper } from './reaper.ts';
import type { TaskError } from './task-error.ts';

export interface ChildHostOptions extends HostProcessOptions {
  /** Limit of one task or evaluation; at most 24 days. */
  readonly timeoutMs: number;
  /** Limit of loading: by default a minute, or the task's limit where that is longer. */
  readonly loadTimeoutMs?: number;
}

const LEAST_LOAD_MS = 60_000;

/** Hosts that are child processes, each of which loads the model itself. They die with this process. */
export function createChildHostStarter(options: ChildHostOptions): HostStarter {
  let reaper: Reaper | undefined;
  return {
    start: (load) =>
      loadTwice(async () => {
        reaper ??= createReaper();
        const channel = openChannel((listener) => spawnHost(options, reaper!, listener), limitsOf(options));
        await loadInto(channel, load);
        return hostOn(channel);
      }),
  };
}

export function limitsOf({ timeoutMs, loadTimeoutMs = Math.max(timeoutMs, LEAST_LOAD_MS) }: ChildHostOptions): Limits {
  return { load: loadTimeoutMs, run: timeoutMs, evaluate: timeoutMs };
}

/** Loads a model; gives the header of the answer. @throws LoadFailed after ending the process, HostLost */
export async function loadInto(channel: HostChannel, load: LoadMessage): Promise<Readonly<Record<string, unknown>>> {
  const { header } = await channel.ask('load', { header: { type: 'load', ...load }, buffers: [] });
  if (header.type === 'loaded') return header;
  await channel.process.kill();
  throw new LoadFailed(header.error as TaskError);
}

/** Tries again once when the process dies: if that was the model's doing, it dies again. @throws LoadFailed */
export async function loadTwice<T>(load: () => Promise<T>): Promise<T> {
  const lastError = (error: unknown) => {
    throw error instanceof HostLost ? new LoadFailed(error.reason) : error;
  };
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof HostLost) || error.reason.kind === 'timeout') return lastError(error);
  }
  return load().catch(lastError);
}

/** The host that answers on a channel. */
export function hostOn({ ask, process }: HostChannel): ModelHost {
  return {
    residentBytes: process.residentBytes,
    run: async (batch) => decodeRan(await ask('run', { header: { type: 'run', ...batch }, buffers: [] })),
    evaluate: async (target, table) => (await ask('evaluate', encodeEvaluate(target, table))).header.evaluation as Evaluation,
    kill: process.kill,
  };
}
