import { programPath } from '../programs.ts';
import { type Loaded, parseEvaluated, parseLoaded, parseRan, parseTooLarge, protocolError } from './answers.ts';
import { FrameTooLarge } from './frames.ts';
import { type HostChannel, type Limits, openChannel } from './host-channel.ts';
import { type HostProcess, type HostProcessOptions, spawnHost } from './host-process.ts';
import { encodeEvaluate, type LoadMessage, type RanMessage } from './messages.ts';
import { HostLost, type HostStarter, LoadFailed, type ModelHost } from './model-host.ts';
import { createReaper, type Reaper } from './reaper.ts';
import type { TaskError } from './task-error.ts';

export interface ChildHostOptions extends HostProcessOptions {
  /** Time limit of one task or evaluation; at most 24 days. */
  readonly timeoutMs: number;
  /** Time limit of loading. Default: one minute, or `timeoutMs` if that is longer. */
  readonly loadTimeoutMs?: number;
}

const MIN_LOAD_MS = 60_000;

/** Hosts that are child processes, each of which loads the model itself. They die with this process. */
export function createChildHostStarter(options: ChildHostOptions): HostStarter {
  let reaper: Reaper | undefined;
  return {
    start: (load) =>
      loadTwice(async () => {
        reaper ??= createReaper();
        const channel = openChannel((listener) => spawnHost(options, reaper!, listener), limitsOf(options));
        await loadInto(channel, load);
        return hostOn(channel, load);
      }),
  };
}

export function limitsOf({ timeoutMs, loadTimeoutMs = Math.max(timeoutMs, MIN_LOAD_MS) }: ChildHostOptions): Limits {
  return { load: loadTimeoutMs, run: timeoutMs, evaluate: timeoutMs };
}

/** Loads a model and returns the host's answer. @throws LoadFailed after ending the process, HostLost */
export async function loadInto(channel: HostChannel, load: LoadMessage): Promise<Extract<Loaded, { type: 'loaded' }>> {
  const frame = await channel.request('load', { header: { type: 'load', ...load }, buffers: [] });
  const answer = await parsed(channel.process, () => parseLoaded(frame));
  if (answer.type === 'loaded') return answer;
  await channel.process.kill();
  throw new LoadFailed(answer.error);
}

/** @throws HostLost after ending the process if the answer is invalid */
async function parsed<T>(process: HostProcess, parse: () => T): Promise<T> {
  try {
    return parse();
  } catch (error) {
    return lose(process, protocolError(error));
  }
}

async function lose(process: HostProcess, reason: TaskError): Promise<never> {
  await process.kill(reason);
  throw new HostLost(reason);
}

/** Retries once if the process dies: if the model is the cause, it dies again. @throws LoadFailed */
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

/** The host on a channel, with this model loaded. */
export function hostOn({ request, process }: HostChannel, load: LoadMessage): ModelHost {
  return {
    residentBytes: process.residentBytes,
    async run(batch) {
      const answer = await request('run', { header: { type: 'run', ...batch }, buffers: [] });
      const tooLarge = parseTooLarge(answer);
      if (tooLarge === undefined) return parsed(process, () => parseRan(answer, batch, load));
      // The tasks of a larger batch are tried one by one, since each may be small enough.
      return batch.set.length > 1 ? lose(process, tooLarge) : failedAlone(tooLarge);
    },
    async evaluate(target, outputs) {
      try {
        return parseEvaluated(await request('evaluate', encodeEvaluate(target, outputs)));
      } catch (error) {
        if (!(error instanceof FrameTooLarge)) throw error;
        const message = `the outputs of the parameter set cannot be sent to the target: ${error.message}`;
        return { error: { kind: 'exception', type: 'OutputTooLarge', message } };
      }
    },
    kill: process.kill,
  };
}

function failedAlone(error: TaskError): RanMessage {
  return { durations: Float64Array.of(0), errors: [{ task: 0, error }], outputs: {} };
}

/** Hosts of compiled JavaScript programs, each a process of this Node version. */
export function createNodeHosts(options: Omit<ChildHostOptions, 'command' | 'args'>): HostStarter {
  return createChildHostStarter({ ...options, command: process.execPath, args: [programPath('node-host')] });
}

/**
 * Hosts of command models: each a process that starts the model's command for every task, in a scratch folder that is removed after it. A batch has
 * one task, so that a command that ends its host does not affect another task's result.
 */
export function createCommandHosts(options: Omit<ChildHostOptions, 'command' | 'args' | 'hasScratch'>): HostStarter {
  const starter = createChildHostStarter({ ...options, command: process.execPath, args: [programPath('command-host')], hasScratch: true });
  return { ...starter, largestBatch: 1 };
}
