import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { createFrameReader, encodeFrame, type Frame } from './frames.ts';
import { decodeRan, type Evaluation, encodeEvaluate, type TaskError } from './messages.ts';
import { HostLost, type HostStarter, LoadFailed, type ModelHost } from './model-host.ts';

export interface ChildHostOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Per-task limit. */
  readonly timeoutMs: number;
  /** What the model prints. */
  readonly onOutput: (text: string) => void;
}

/** What a model may see of the worker's environment: no credentials, and one thread a library (PITFALLS 24). */
function hostEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'SYSTEMROOT'];
  const one = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_NUM_THREADS', 'VECLIB_MAXIMUM_THREADS'];
  return Object.fromEntries([
    ...kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ...one.map((name) => [name, '1']),
  ]);
}

const STDERR_TAIL = 4096;

/** Hosts that are child processes speaking frames on descriptors 3 and 4, each leading its own process group. */
export function createChildHostStarter(options: ChildHostOptions): HostStarter {
  return {
    async start(load) {
      const host = openChild(options);
      const answer = await host.ask({ header: { type: 'load', ...load }, buffers: [] }).catch((error: unknown) => {
        // A host that dies before it has loaded would die again: no task is to blame.
        throw error instanceof HostLost ? new LoadFailed(error.reason) : error;
      });
      if (answer.header.type === 'load_failed') {
        await host.kill();
        throw new LoadFailed(answer.header.error as TaskError);
      }
      return host;
    },
  };
}

type Waiting = { readonly resolve: (frame: Frame) => void; readonly reject: (error: HostLost) => void };

function openChild({ command, args, cwd, timeoutMs, onOutput }: ChildHostOptions): ModelHost & { ask(frame: Frame): Promise<Frame> } {
  const child = spawn(command, args, { cwd, detached: true, env: hostEnvironment(), stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] });
  const waiting: Waiting[] = [];
  let stderr = '';
  let reason: TaskError | undefined;
  let lost: HostLost | undefined;
  let timer: NodeJS.Timeout | undefined;

  const arm = () => {
    clearTimeout(timer);
    if (waiting.length > 0) timer = setTimeout(() => void kill(timedOut(timeoutMs)), timeoutMs);
  };
  const fail = (error: HostLost) => {
    lost ??= error;
    clearTimeout(timer);
    for (const { reject } of waiting.splice(0)) reject(lost);
  };
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      fail(new HostLost({ kind: 'crash', type: 'SpawnError', message: `${command} did not start: ${error.message}` }));
      resolve();
    });
    child.once('close', (code, signal) => {
      fail(new HostLost(reason ?? crashed(code, signal, stderr)));
      resolve();
    });
  });
  const kill = async (why?: TaskError) => {
    reason ??= why;
    killGroup(child);
    await ended;
  };

  child.stdout!.on('data', (text: Buffer) => onOutput(text.toString()));
  child.stderr!.on('data', (text: Buffer) => {
    stderr = (stderr + text.toString()).slice(-STDERR_TAIL);
    onOutput(text.toString());
  });
  const input = child.stdio[3] as Duplex;
  const output = child.stdio[4] as Duplex;
  input.on('error', () => undefined); // a dead host shows as 'close'
  output.on(
    'data',
    createFrameReader((frame) => {
      arm();
      if (frame.header.type === 'tick') return;
      waiting.shift()?.resolve(frame);
      arm();
    }),
  );

  const ask = (frame: Frame) =>
    new Promise<Frame>((resolve, reject) => {
      if (lost !== undefined) return reject(lost);
      waiting.push({ resolve, reject });
      if (waiting.length === 1) arm();
      input.write(encodeFrame(frame));
    });
  return {
    ask,
    residentBytes: () => residentBytes(child.pid),
    run: async (batch) => decodeRan(await ask({ header: { type: 'run', ...batch }, buffers: [] })),
    evaluate: async (target, table) => (await ask(encodeEvaluate(target, table))).header.evaluation as Evaluation,
    kill,
  };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // the group is gone already
  }
}

function residentBytes(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
  } catch {
    return 0; // it has just ended, or this system has no /proc
  }
}

function timedOut(limit: number): TaskError {
  return { kind: 'timeout', type: 'Timeout', message: `the task ran longer than its limit of ${limit / 1000} s` };
}

/** Names how a process ended: by signal, by an exhausted heap, or by its exit status. */
function crashed(code: number | null, signal: NodeJS.Signals | null, stderr: string): TaskError {
  const tail = stderr === '' ? {} : { stderr_tail: stderr };
  if (/heap out of memory|MemoryError|Allocation failed/.test(stderr))
    return { kind: 'out_of_memory', type: 'OutOfMemory', message: 'out of memory: the model host exhausted its heap', ...tail };
  if (signal === 'SIGKILL')
    return {
      kind: 'crash',
      type: 'Killed',
      message: 'the model host was killed (SIGKILL), as the kernel does when memory runs out',
      ...tail,
    };
  if (signal !== null) return { kind: 'crash', type: signal, message: `the model host died of ${signal}`, ...tail };
  return { kind: 'crash', type: 'Exit', message: `the model host exited with status ${code} before it answered`, ...tail };
}
