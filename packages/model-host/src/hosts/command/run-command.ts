import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { killMarked, MARK_VARIABLE } from '@modelops/system';

export interface CommandRequest {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onStderr: (text: string) => void;
}

/** How a command ended: by a status or by a signal. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs a command to its end, with nothing on its stdin; its stdout is this process's. What it started and left behind is killed, in whichever session.
 * @throws Error when it cannot be started
 */
export function runCommand({ command: [program, ...args], cwd, env, onStderr }: CommandRequest): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that the group can be killed without this process.
    const child = spawn(program!, args, { cwd, env, detached: true, stdio: ['ignore', 'inherit', 'pipe'] });
    child.stderr!.setEncoding('utf8').on('data', onStderr);
    child.once('error', reject);
    child.once('exit', () => killLeftovers(child));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

function killLeftovers({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {} // nothing of the group is left
  const last = lastProcess();
  if (last !== pid) killMarked(process.env[MARK_VARIABLE]!, undefined, startedSince(pid, last));
}

/** More numbers than this are not tried one by one. */
const MAX_NUMBERS = 500;

/** Numbers rise, so what a command started has a number after its own; undefined where there are too many, or they began again at the smallest. */
function startedSince(pid: number, last: number): number[] | undefined {
  const count = last - pid;
  return count > 0 && count <= MAX_NUMBERS ? Array.from({ length: count }, (_, at) => pid + 1 + at) : undefined;
}

/** The number of the process that was started last on this machine, or in this container; 0 when unknown. */
function lastProcess(): number {
  try {
    return Number(readFileSync('/proc/loadavg', 'utf8').trim().split(' ').at(-1));
  } catch {
    return 0;
  }
}
