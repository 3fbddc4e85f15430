import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { messageOf } from '@modelops/contracts';
import { type ContainerMemory, readContainerMemory } from './container-memory.ts';
import { describeEnd } from './describe-end.ts';
import { createFrameReader, encodeFrame, type Frame } from './frames.ts';
import { hostEnvironment } from './host-environment.ts';
import type { Reaper } from './reaper.ts';
import type { TaskError } from './task-error.ts';

export interface HostProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** What the model prints. */
  readonly onOutput: (text: string) => void;
  readonly memory?: ContainerMemory;
}

export interface HostListener {
  onFrame(frame: Frame): void;
  /** It has ended, once, and why. */
  onEnd(reason: TaskError): void;
}

/** A process that speaks frames on descriptors 3 and 4 and leads a process group of its own. */
export interface HostProcess {
  /** Sends a frame; one that has ended takes it and does nothing. */
  send(frame: Frame): void;
  /** Ends it with its whole group, for the reason where one is given; resolves when it is gone. */
  kill(reason?: TaskError): Promise<void>;
  /** Resident memory, bytes; 0 when unknown. */
  residentBytes(): number;
}

/** What is kept of the end of its stderr. */
const STDERR_TAIL = 4096;

export function spawnHost(
  { command, args, cwd, onOutput, memory = readContainerMemory() }: HostProcessOptions,
  reaper: Reaper,
  { onFrame, onEnd }: HostListener,
): HostProcess {
  const env = hostEnvironment(process.env);
  const child = spawn(command, args, { cwd, detached: true, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] });
  if (child.pid !== undefined) reaper.add(child.pid);
  const oomKillsBefore = memory.oomKills();
  let stderr = '';
  let heapLimit: number | undefined;
  let reason: TaskError | undefined;

  const describe = (code: number | null, signal: NodeJS.Signals | null) => {
    const isOomKilled = (memory.oomKills() ?? 0) > (oomKillsBefore ?? 0);
    return describeEnd({ code, signal, stderr, isOomKilled, containerLimit: memory.limit, heapLimit });
  };
  const ended = new Promise<TaskError>((resolve) => {
    child.once('error', ({ message }) => resolve({ kind: 'crash', type: 'SpawnError', message: `${command} did not start: ${message}` }));
    // What the model started and left behind would hold the pipes open, and never end.
    child.once('exit', () => {
      killGroup(child);
      reaper.drop(child.pid!);
    });
    child.once('close', (code, signal) => resolve(reason ?? describe(code, signal)));
  });
  void ended.then((error) => onEnd(stderr === '' ? error : { ...error, stderr_tail: stderr }));
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
  const [input, output] = child.stdio.slice(3) as [Duplex, Duplex];
  input.on('error', () => undefined); // a dead host shows as 'close'
  const read = createFrameReader((frame) => {
    if (frame.header.type === 'loaded') heapLimit = frame.header.heap_limit as number | undefined;
    onFrame(frame);
  });
  output.on('data', (bytes: Buffer) => {
    try {
      read(bytes);
    } catch (error) {
      output.removeAllListeners('data').resume();
      void kill({ kind: 'crash', type: 'ProtocolError', message: `the model host wrote what is no answer: ${messageOf(error)}` });
    }
  });
  return { send: (frame) => void input.write(encodeFrame(frame)), kill, residentBytes: () => residentBytes(child.pid) };
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
