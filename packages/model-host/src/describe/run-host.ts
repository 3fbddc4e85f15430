import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { killMarked, MARK_VARIABLE, modelEnvironment, newMark } from '@modelops/system';
import { DRAIN_MS } from '../hosts/host-process.ts';
import { programPath } from '../programs.ts';

/** How a describe process ended. */
export interface HostEnd {
  /** What it wrote on descriptor 3; empty if the process ended before it answered. */
  readonly answer: string;
  /** The last lines that the program printed to stderr. */
  readonly stderr: string;
  readonly isTimeout: boolean;
}

export const DESCRIBE_TIMEOUT_MS = 30_000;
const STDERR_TAIL = 4096;

export interface RunDescribeHost {
  readonly exportName: string;
  /** Runs the model once in this folder and reports the files that it opens; without it the program is only described, in an empty folder. */
  readonly trialIn?: string;
  /** Parameter sets to check against the model's constraint, a JSON array on each line, the names on the first. */
  readonly sets?: string;
  readonly timeoutMs?: number;
}

/** Runs a compiled program in a child process; after `timeoutMs` it and all its children are killed. */
export async function runDescribeHost(
  code: Uint8Array,
  { exportName, trialIn, sets, timeoutMs = DESCRIBE_TIMEOUT_MS }: RunDescribeHost,
): Promise<HostEnd> {
  const dir = await mkdtemp(join(tmpdir(), 'modelops-describe-'));
  try {
    const program = join(dir, 'program.mjs');
    await writeFile(program, code);
    const args = [programPath('describe-host'), program, exportName];
    if (sets !== undefined) {
      const file = join(dir, 'sets.jsonl');
      await writeFile(file, sets);
      return await run([...args, 'allows', file], dir, timeoutMs);
    }
    return trialIn === undefined ? await run(args, dir, timeoutMs) : await run([...args, 'trial'], trialIn, timeoutMs);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function run(args: readonly string[], cwd: string, timeoutMs: number): Promise<HostEnd> {
  const mark = newMark();
  const env = { ...modelEnvironment(process.env), [MARK_VARIABLE]: mark };
  // A group of its own, so that what the model started is stopped with it.
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true });
  const answer: Buffer[] = [];
  let stderr = '';
  let isTimeout = false;
  child.stdout!.resume();
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL);
  });
  (child.stdio[3] as Readable).on('data', (bytes: Buffer) => answer.push(bytes));
  const stop = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // the whole group has ended
    }
    killMarked(mark);
  };
  const timer = setTimeout(() => {
    isTimeout = true;
    stop();
  }, timeoutMs);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    let closing: NodeJS.Timeout | undefined;
    // A process that the model left behind holds the pipes open: it is killed, and a pipe that stays open all the same is closed.
    child.once('exit', () => {
      stop();
      closing = setTimeout(() => {
        for (const stream of child.stdio) stream?.destroy();
      }, DRAIN_MS);
    });
    child.once('close', () => {
      clearTimeout(timer);
      clearTimeout(closing);
      resolve({ answer: Buffer.concat(answer).toString('utf8'), stderr, isTimeout });
    });
  });
}
