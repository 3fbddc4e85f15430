import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, Readable } from 'node:stream';
import { killGroup, killMarked, MARK_VARIABLE, modelEnvironment, newMark } from '@modelops/system';
import { type ContainerMemory, readContainerMemory } from './container-memory.ts';
import { describeEnd } from './describe-end.ts';
import type { Frame } from './frames.ts';
import { attachStreams } from './host-streams.ts';
import { KEEP_VARIABLE, SCRATCH_VARIABLE } from './messages.ts';
import type { Reaper } from './reaper.ts';
import type { TaskError } from './task-error.ts';

export interface HostProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Additional environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Creates a folder for the host, removes it afterwards, and passes its path in {@link SCRATCH_VARIABLE}. Default: false. */
  readonly hasScratch?: boolean;
  /** The absolute path of a folder to use instead of a temporary one; it is kept with the files of tasks. For one host at a time. */
  readonly keptScratch?: string | undefined;
  /** Called with the output that the model prints. */
  readonly onOutput: (text: string) => void;
  readonly memory?: ContainerMemory;
  /** The host uses this process's stdin, stderr and process group; `onOutput` is not called. For debuggers. Default: false. */
  readonly isForeground?: boolean;
}

export interface HostListener {
  onFrame(frame: Frame): void;
  /** Called once, when the process has ended. */
  onEnd(reason: TaskError): void;
}

/** A process that exchanges frames and leads a process group. */
export interface HostProcess {
  /** Sends a frame; does nothing after the process has ended. */
  send(frame: Frame): void;
  /** Kills the process and its group for the given reason; resolves when it has ended. */
  kill(reason?: TaskError): Promise<void>;
  /** Resident memory of the process and its descendants, bytes; 0 if unknown. */
  residentBytes(): number;
}

/** A host that this process has started directly. */
export interface ChildHostProcess extends HostProcess {
  readonly pid: number | undefined;
  /** The value of the mark variable in the environment of its descendants. */
  readonly mark: string;
  /** Whether the host keeps this process alive. Default: true. */
  keepAlive(isKept: boolean): void;
}

/** The last output may still be in the pipes when the process has ended. */
export const DRAIN_MS = 1000;

/** Starts a host that exchanges frames on its descriptors 3 and 4. */
export function spawnHost(
  {
    command,
    args,
    cwd,
    env: own = {},
    hasScratch = false,
    keptScratch,
    onOutput,
    memory = readContainerMemory(),
    isForeground = false,
  }: HostProcessOptions,
  reaper: Reaper,
  { onFrame, onEnd }: HostListener,
): ChildHostProcess {
  const mark = newMark();
  const scratch = hasScratch && keptScratch === undefined ? mkdtempSync(join(tmpdir(), 'modelops-scratch-')) : undefined;
  const env = {
    ...modelEnvironment(process.env),
    ...own,
    ...(scratch === undefined ? {} : { [SCRATCH_VARIABLE]: scratch }),
    ...(hasScratch && keptScratch !== undefined ? { [SCRATCH_VARIABLE]: keptScratch, [KEEP_VARIABLE]: '1' } : {}),
    [MARK_VARIABLE]: mark,
  };
  const [stdin, printed] = isForeground ? (['inherit', 2] as const) : (['ignore', 'pipe'] as const);
  // A separate process group would not be the terminal's foreground group and could not read from it.
  const child = spawn(command, args, { cwd, detached: !isForeground, env, stdio: [stdin, printed, printed, 'pipe', 'pipe'] });
  if (child.pid !== undefined) reaper.add(child.pid, mark, scratch);
  const oomKillsBefore = memory.oomKills();
  let heapLimit: number | undefined;
  let reason: TaskError | undefined;

  const describe = (code: number | null, signal: NodeJS.Signals | null) => {
    const isOomKilled = (memory.oomKills() ?? 0) > (oomKillsBefore ?? 0);
    return describeEnd({ code, signal, stderr: streams.stderrTail(), isOomKilled, containerLimit: memory.limit, heapLimit });
  };
  const hasEnded = new Promise<TaskError>((resolve) => {
    child.once('error', ({ message }) => resolve({ kind: 'crash', type: 'SpawnError', message: `${command} did not start: ${message}` }));
    // Processes that the model left behind keep the pipes open: they are killed, and any pipe that remains open is closed.
    child.once('exit', () => {
      if (!isForeground) killGroup(child.pid!);
      killMarked(mark);
      reaper.drop(child.pid!);
      const closing = setTimeout(() => {
        for (const stream of child.stdio) stream?.destroy();
      }, DRAIN_MS);
      child.once('close', () => clearTimeout(closing));
    });
    child.once('close', (code, signal) => resolve(reason ?? describe(code, signal)));
  });
  const ended = hasEnded.finally(() => scratch !== undefined && rm(scratch, { recursive: true, force: true, maxRetries: 3 }));
  void ended.then((error) => onEnd(withStderr(error, streams.stderrTail())));
  const kill = async (why?: TaskError) => {
    reason ??= why;
    if (child.exitCode === null && child.signalCode === null) {
      if (isForeground) child.kill('SIGKILL');
      else if (child.pid !== undefined) killGroup(child.pid);
    }
    await ended;
  };

  const [input, output] = child.stdio.slice(3) as [Duplex, Duplex];
  const streams = attachStreams(
    { input, output, stdout: child.stdout ?? Readable.from([]), stderr: child.stderr ?? Readable.from([]) },
    {
      onOutput,
      onInvalid: (why) => void kill(why),
      onFrame(frame) {
        if (frame.header.type === 'loaded') heapLimit = (frame.header.heap_limit as number | null) ?? undefined;
        onFrame(frame);
      },
    },
  );
  const keepAlive = (isKept: boolean) => {
    const how = isKept ? 'ref' : 'unref';
    child[how]();
    for (const stream of child.stdio) if (stream != null && how in stream) (stream as Socket)[how]();
  };
  return { send: streams.send, kill, residentBytes: () => treeBytes(child.pid), pid: child.pid, mark, keepAlive };
}

export function withStderr(error: TaskError, stderr: string): TaskError {
  return stderr === '' ? error : { ...error, stderr_tail: stderr };
}

/** Resident memory of a process, bytes; 0 if unknown. */
export function residentBytes(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
  } catch {
    return 0; // the process has just ended, or this system has no /proc
  }
}

/** Resident memory of a process and its descendants, bytes. */
function treeBytes(pid: number | undefined): number {
  return childrenOf(pid).reduce((sum, child) => sum + treeBytes(child), residentBytes(pid));
}

/** The processes that the main thread of a process has started. */
function childrenOf(pid: number | undefined): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text === '' ? [] : text.trimEnd().split(' ').map(Number);
  } catch {
    return []; // the process has just ended, or this kernel does not list children
  }
}
