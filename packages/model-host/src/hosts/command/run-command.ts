import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { killGroup, killMarked, MARK_VARIABLE } from '@modelops/system';

export interface CommandRequest {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onStderr: (text: string) => void;
}

/** How a command ended: by a status or by a signal. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs a command until it ends, with an empty stdin and this process's stdout. Processes that it leaves behind are killed, in any session.
 * @throws Error if it cannot be started
 */
export function runCommand({ command: [program, ...args], cwd, env, onStderr }: CommandRequest): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    // A separate group, so that it can be killed without this process.
    const child = spawn(program!, args, { cwd, env, detached: true, stdio: ['ignore', 'inherit', 'pipe'] });
    child.stderr!.setEncoding('utf8').on('data', onStderr);
    child.once('error', reject);
    child.once('exit', () => killLeftovers(child));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

function killLeftovers({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  const last = lastProcess();
  if (last === pid) return; // it started no process
  killGroup(pid);
  killMarked(process.env[MARK_VARIABLE]!, undefined, startedSince(pid, last));
}

/** Maximum number of process numbers that are checked one by one. */
const MAX_NUMBERS = 500;

/** Process numbers increase, so the command's children have higher ones; undefined if there are too many, or if the numbers wrapped around. */
function startedSince(pid: number, last: number): number[] | undefined {
  const count = last - pid;
  return count > 0 && count <= MAX_NUMBERS ? Array.from({ length: count }, (_, at) => pid + 1 + at) : undefined;
}

/** The number of the newest process on this machine, or in this container; 0 if unknown. */
function lastProcess(): number {
  try {
    return Number(readFileSync('/proc/loadavg', 'utf8').trim().split(' ').at(-1));
  } catch {
    return 0;
  }
}
