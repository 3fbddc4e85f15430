import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { messageOf } from '@modelops/contracts';
import { type ContainerMemory, readContainerMemory } from './container-memory.ts';
import { type Asked, describeEnd, describeTimeout } from './describe-end.ts';
import { createFrameReader, encodeFrame, type Frame } from './frames.ts';
import { hostEnvironment } from './host-environment.ts';
import { decodeRan, type Evaluation, encodeEvaluate, type TaskError } from './messages.ts';
import { HostLost, type HostStarter, LoadFailed, type ModelHost } from './model-host.ts';
import { createReaper, type Reaper } from './reaper.ts';

export interface ChildHostOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Per-task limit; at most 24 days, the longest that a timer can wait. */
  readonly timeoutMs: number;
  /** Limit of loading, which is no task's work: a minute, or the task's limit where that is longer. */
  readonly loadTimeoutMs?: number;
  /** What the model prints. */
  readonly onOutput: (text: string) => void;
  readonly memory?: ContainerMemory;
}

const STDERR_TAIL = 4096;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const LEAST_LOAD_MS = 60_000;

/**
 * Hosts that are child processes speaking frames on descriptors 3 and 4, each leading its own process group, which dies with this process. One that dies while it loads is
 * started once more: if that was the model's doing, it dies again.
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

function openChild(
  {
    command,
    args,
    cwd,
    timeoutMs,
    loadTimeoutMs = Math.max(timeoutMs, LEAST_LOAD_MS),
    onOutput,
    memory = readContainerMemory(),
  }: ChildHostOptions,
  reaper: Reaper,
): ChildHost {
  const env = hostEnvironment(process.env);
  const child = spawn(command, args, { cwd, detached: true, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] });
  if (child.pid !== undefined) reaper.add(child.pid);
  const oomKillsBefore = memory.oomKills();
  const limitOf = (asked: Asked) => Math.min(asked === 'load' ? loadTimeoutMs : timeoutMs, LONGEST_TIMER_MS);
  const waiting: Waiting[] = [];
  let stderr = '';
  let heapLimit: number | undefined;
  let reason: TaskError | undefined;
  let lost: HostLost | undefined;
  let timer: NodeJS.Timeout | undefined;

  const arm = () => {
    clearTimeout(timer);
    const first = waiting[0];
    if (first === undefined) return;
    const limit = limitOf(first.asked);
    timer = setTimeout(() => void kill(describeTimeout(first.asked, limit)), limit);
  };
  const fail = (error: TaskError) => {
    lost ??= new HostLost(stderr === '' ? error : { ...error, stderr_tail: stderr });
    clearTimeout(timer);
    for (const { reject } of waiting.splice(0)) reject(lost);
  };
  const describe = (code: number | null, signal: NodeJS.Signals | null) => {
    const isOomKilled = (memory.oomKills() ?? 0) > (oomKillsBefore ?? 0);
    return describeEnd({ code, signal, stderr, isOomKilled, containerLimit: memory.limit, heapLimit });
  };
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      fail({ kind: 'crash', type: 'SpawnError', message: `${command} did not start: ${error.message}` });
      resolve();
    });
    // What the model started and left behind would hold the pipes open, and never end.
    child.once('exit', () => {
      killGroup(child);
      reaper.drop(child.pid!);
    });
    child.once('close', (code, signal) => {
      fail(reason ?? describe(code, signal));
      resolve();
    });
  });
  const kill = async (why?: TaskError) => {
    reason ??= why;
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
    await ended;
  };

  child.stdout!.setEncoding('utf8').on('data', onOutput);
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL);
    onOutput(text);
  });
  const input = child.stdio[3] as Duplex;
  const output = child.stdio[4] as Duplex;
  input.on('error', () => undefined); // a dead host shows as 'close'
  const read = createFrameReader((frame) => {
    if (frame.header.type === 'loaded') heapLimit = frame.header.heap_limit as number | undefined;
    if (frame.header.type !== 'tick') waiting.shift()?.resolve(frame);
    arm();
  });
  output.on('data', (bytes: Buffer) => {
    try {
      read(bytes);
    } catch (error) {
      output.removeAllListeners('data').resume();
      void kill({ kind: 'crash', type: 'ProtocolError', message: `the model host wrote what is no answer: ${messageOf(error)}` });
    }
  });

  const ask: ChildHost['ask'] = (asked, frame) =>
    new Promise((resolve, reject) => {
      if (lost !== undefined) return reject(lost);
      waiting.push({ asked, resolve, reject });
      if (waiting.length === 1) arm();
      input.write(encodeFrame(frame));
    });
  return {
    ask,
    residentBytes: () => residentBytes(child.pid),
    run: async (batch) => decodeRan(await ask('run', { header: { type: 'run', ...batch }, buffers: [] })),
    evaluate: async (target, table) => (await ask('evaluate', encodeEvaluate(target, table))).header.evaluation as Evaluation,
    kill,
  };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {} // the whole group is gone
}

function residentBytes(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
  } catch {
    return 0; // it has just ended, or this system has no /proc
  }
}
