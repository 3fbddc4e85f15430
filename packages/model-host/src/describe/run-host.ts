import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { killGroup, killMarked, MARK_VARIABLE, modelEnvironment, newMark } from '@modelops/system';
import { DRAIN_MS } from '../hosts/host-process.ts';
import { programPath } from '../programs.ts';
import type { CompiledProgram } from '../source/compile-program.ts';
import { SOURCE_MAP } from '../source/source-map.ts';

/** How a describe process ended. */
export interface HostEnd {
  /** The bytes from descriptor 3; empty if the process exited before it wrote. */
  readonly answer: string;
  /** The last lines of stderr. */
  readonly stderr: string;
  readonly isTimeout: boolean;
}

export const DESCRIBE_TIMEOUT_MS = 30_000;
const STDERR_TAIL = 4096;

export interface RunDescribeHost {
  readonly exportName: string;
  /** Where it runs. Default: an empty folder. */
  readonly cwd?: string | undefined;
  /** Files of `cwd`: it runs in a folder with these alone. */
  readonly data?: readonly string[] | undefined;
  /** Runs the model once and reports the files that it opens. Default: describes the program. */
  readonly isTrial?: boolean;
  /** Parameter sets to check against the model's constraint, see `encodeSets`. */
  readonly sets?: string | undefined;
  readonly timeoutMs?: number;
}

/** A compiled program with its source map, by which errors name the author's files. */
export type CompiledCode = Pick<CompiledProgram, 'code' | 'map'>;

/** Runs a compiled program in a child process. After `timeoutMs` the process and all its children are killed. */
export async function runDescribeHost(
  { code, map }: CompiledCode,
  { exportName, cwd, data, isTrial = false, sets, timeoutMs = DESCRIBE_TIMEOUT_MS }: RunDescribeHost,
): Promise<HostEnd> {
  const dir = await mkdtemp(join(tmpdir(), 'modelops-describe-'));
  try {
    const program = join(dir, 'program.mjs');
    await Promise.all([writeFile(program, code), writeFile(`${program}${SOURCE_MAP}`, map)]);
    const args = [programPath('describe-host'), program, exportName];
    const folder = cwd === undefined || data !== undefined ? await folderOf(data ?? [], { cwd, dir }) : cwd;
    if (sets !== undefined) {
      const file = join(dir, 'sets.jsonl');
      await writeFile(file, sets);
      return await run([...args, 'allows', file], folder, timeoutMs);
    }
    return await run(isTrial ? [...args, 'trial'] : args, folder, timeoutMs);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A folder in `dir` with links to these files of `cwd`. */
async function folderOf(
  files: readonly string[],
  { cwd = '', dir }: { readonly cwd?: string | undefined; readonly dir: string },
): Promise<string> {
  const folder = join(dir, 'files');
  await mkdir(folder);
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await symlink(join(cwd, file), join(folder, file));
  }
  return folder;
}

function run(args: readonly string[], cwd: string, timeoutMs: number): Promise<HostEnd> {
  const mark = newMark();
  const env = { ...modelEnvironment(process.env), [MARK_VARIABLE]: mark };
  // A separate process group, so that processes started by the model are stopped too.
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
    if (child.pid !== undefined) killGroup(child.pid);
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
    // A process that the model left behind keeps the pipes open: it is killed, and any pipe that remains open is closed.
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
