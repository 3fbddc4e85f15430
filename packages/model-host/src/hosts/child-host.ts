import { type Loaded, parseEvaluated, parseLoaded, parseRan, parseTooLarge, protocolError } from './answers.ts';
import { FrameTooLarge } from './frames.ts';
import { type HostChannel, type Limits, openChannel } from './host-channel.ts';
import { type HostProcess, type HostProcessOptions, spawnHost } from './host-process.ts';
import { encodeEvaluate, type LoadMessage, type RanMessage } from './messages.ts';
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
        return hostOn(channel, load);
      }),
  };
}

export function limitsOf({ timeoutMs, loadTimeoutMs = Math.max(timeoutMs, LEAST_LOAD_MS) }: ChildHostOptions): Limits {
  return { load: loadTimeoutMs, run: timeoutMs, evaluate: timeoutMs };
}

/** Loads a model; gives the host's answer. @throws LoadFailed after ending the process, HostLost */
export async function loadInto(channel: HostChannel, load: LoadMessage): Promise<Extract<Loaded, { type: 'loaded' }>> {
  const frame = await channel.ask('load', { header: { type: 'load', ...load }, buffers: [] });
  const answer = await parsed(channel.process, () => parseLoaded(frame));
  if (answer.type === 'loaded') return answer;
  await channel.process.kill();
  throw new LoadFailed(answer.error);
}

/** @throws HostLost after ending the process, where the answer is not valid */
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

/** The host that answers on a channel, with this model loaded. */
export function hostOn({ ask, process }: HostChannel, load: LoadMessage): ModelHost {
  return {
    residentBytes: process.residentBytes,
    async run(batch) {
      const answer = await ask('run', { header: { type: 'run', ...batch }, buffers: [] });
      const tooLarge = parseTooLarge(answer);
      if (tooLarge === undefined) return parsed(process, () => parseRan(answer, batch, load));
      // Of several tasks each may be small enough, and is tried alone.
      return batch.set.length > 1 ? lose(process, tooLarge) : failedAlone(tooLarge);
    },
    async evaluate(target, outputs) {
      try {
        return parseEvaluated(await ask('evaluate', encodeEvaluate(target, outputs)));
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
