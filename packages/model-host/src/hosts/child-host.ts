import { type Asked, describeTimeout } from './describe-end.ts';
import type { Frame } from './frames.ts';
import { type HostProcessOptions, spawnHost } from './host-process.ts';
import { decodeRan, type Evaluation, encodeEvaluate } from './messages.ts';
import { HostLost, type HostStarter, LoadFailed, type ModelHost } from './model-host.ts';
import { createReaper, type Reaper } from './reaper.ts';
import type { TaskError } from './task-error.ts';

export interface ChildHostOptions extends HostProcessOptions {
  /** Per-task limit; at most 24 days, the longest that a timer can wait. */
  readonly timeoutMs: number;
  /** Limit of loading, which is no task's work: a minute, or the task's limit where that is longer. */
  readonly loadTimeoutMs?: number;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const LEAST_LOAD_MS = 60_000;

/**
 * Hosts that are child processes, which die with this one. One that dies while it loads is started once more: if that was the model's
 * doing, it dies again.
 */
export function createChildHostStarter(options: ChildHostOptions): HostStarter {
  let reaper: Reaper | undefined;
  const startOnce = async (load: Parameters<HostStarter['start']>[0]) => {
    reaper ??= createReaper();
    const host = openChild(options, reaper);
    const answer = await host.ask('load', { header: { type: 'load', ...load }, buffers: [] });
    if (answer.header.type === 'loaded') return host;
    await host.kill();
    throw new LoadFailed(answer.header.error as TaskError);
  };
  return {
    async start(load) {
      try {
        return await startOnce(load);
      } catch (error) {
        if (!(error instanceof HostLost)) throw error;
        if (error.reason.kind === 'timeout') throw new LoadFailed(error.reason);
      }
      return startOnce(load).catch((error: unknown) => {
        throw error instanceof HostLost ? new LoadFailed(error.reason) : error;
      });
    },
  };
}

interface Waiting {
  readonly asked: Asked;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: HostLost) => void;
}

type ChildHost = ModelHost & { ask(asked: Asked, frame: Frame): Promise<Frame> };

/** A host that answers in order. Each question has its time limit from when it is the first that waits; a tick begins it anew. */
function openChild(options: ChildHostOptions, reaper: Reaper): ChildHost {
  const { timeoutMs, loadTimeoutMs = Math.max(timeoutMs, LEAST_LOAD_MS) } = options;
  const limitOf = (asked: Asked) => Math.min(asked === 'load' ? loadTimeoutMs : timeoutMs, LONGEST_TIMER_MS);
  const waiting: Waiting[] = [];
  let lost: HostLost | undefined;
  let timer: NodeJS.Timeout | undefined;

  const arm = () => {
    clearTimeout(timer);
    const first = waiting[0];
    if (first === undefined) return;
    const limit = limitOf(first.asked);
    timer = setTimeout(() => void host.kill(describeTimeout(first.asked, limit)), limit);
  };
  const host = spawnHost(options, reaper, {
    onFrame(frame) {
      if (frame.header.type !== 'tick') waiting.shift()?.resolve(frame);
      arm();
    },
    onEnd(reason) {
      lost ??= new HostLost(reason);
      clearTimeout(timer);
      for (const { reject } of waiting.splice(0)) reject(lost);
    },
  });
  const ask: ChildHost['ask'] = (asked, frame) =>
    new Promise((resolve, reject) => {
      if (lost !== undefined) return reject(lost);
      waiting.push({ asked, resolve, reject });
      if (waiting.length === 1) arm();
      host.send(frame);
    });
  return {
    ask,
    residentBytes: host.residentBytes,
    run: async (batch) => decodeRan(await ask('run', { header: { type: 'run', ...batch }, buffers: [] })),
    evaluate: async (target, table) => (await ask('evaluate', encodeEvaluate(target, table))).header.evaluation as Evaluation,
    kill: host.kill,
  };
}
