import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { programPath } from '../programs.ts';

/** How a describing process ended. */
export interface HostEnd {
  /** What it wrote on descriptor 3: empty when the process ended before it could. */
  readonly answer: string;
  /** The last of what the program printed there. */
  readonly stderr: string;
  readonly isTimeout: boolean;
}

export const PATIENCE_MS = 30_000;
const STDERR_TAIL = 4096;
/** What a model may see of this process's environment: no credentials. */
const PASSED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SYSTEMROOT'];

/** Runs a compiled program in a child process of its own, in an empty folder; after `patienceMs` it and all its children are killed. */
export async function runDescribeHost(code: Uint8Array, exportName: string, patienceMs = PATIENCE_MS): Promise<HostEnd> {
  const dir = await mkdtemp(join(tmpdir(), 'modelops-describe-'));
  try {
    const program = join(dir, 'program.mjs');
    await writeFile(program, code);
    return await run([programPath('describe-host'), program, exportName], dir, patienceMs);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function run(args: readonly string[], cwd: string, patienceMs: number): Promise<HostEnd> {
  const env = Object.fromEntries(PASSED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
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
  };
  const timer = setTimeout(() => {
    isTimeout = true;
    stop();
  }, patienceMs);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    // A process that the model left behind would hold the pipes open.
    child.once('exit', stop);
    child.once('close', () => {
      clearTimeout(timer);
      resolve({ answer: Buffer.concat(answer).toString('utf8'), stderr, isTimeout });
    });
  });
}
