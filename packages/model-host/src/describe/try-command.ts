import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isFile, withTemporaryFolder } from '@modelops/system';
import { decodeCommand } from '../command/command-file.ts';
import { missingFile } from '../command/missing-file.ts';
import { describeCommand } from '../command/read-command.ts';
import { createCommandHosts } from '../hosts/child-host.ts';
import { HostLost, LoadFailed } from '../hosts/model-host.ts';
import type { TaskError } from '../hosts/task-error.ts';
import type { Program } from '../source/program.ts';
import { trialValues } from './trial-values.ts';

interface TryCommandOptions {
  readonly projectDir: string;
  readonly data: readonly string[];
  readonly timeoutMs: number;
}

export interface TriedCommand {
  /** Files of the project, relative to its folder, sorted: those that a command did not find until they were added. */
  readonly project: readonly string[];
  /** Why the list may be incomplete: the simulation failed or was stopped. */
  readonly problem?: string;
}

/**
 * Runs a command model in a folder with the files that it names and its declared data. If it does not find a file that the project has, it runs again
 * with that file. Returns these files, and the problem if it fails all the same.
 */
export function tryCommand(program: Program, options: TryCommandOptions): Promise<TriedCommand> {
  return withTemporaryFolder('modelops-trial-', async (folder) => tryIn(await realpath(folder), program, options));
}

async function tryIn(view: string, { code, closure }: Program, { projectDir, data, timeoutMs }: TryCommandOptions): Promise<TriedCommand> {
  const { folder } = decodeCommand(code!);
  const add = async (path: string) => {
    await mkdir(dirname(join(view, path)), { recursive: true });
    await symlink(join(projectDir, path), join(view, path));
  };
  const seen = new Set([...closure.map((file) => file.path), ...data]);
  for (const path of seen) await add(path);
  const program = join(view, '.modelops-command.json');
  await writeFile(program, code!);
  for (const found: string[] = []; ; ) {
    const error = await runOnce(code!, program, view, timeoutMs);
    if (error === undefined) return { project: found.sort() };
    const missing = missingFile(error.stderr_tail ?? '', folder);
    if (missing === undefined || seen.has(missing) || !isFile(join(projectDir, missing)))
      return { project: found.sort(), problem: problemOf(error) };
    seen.add(missing);
    found.push(missing);
    await add(missing);
  }
}

async function runOnce(code: Uint8Array, program: string, cwd: string, timeoutMs: number): Promise<TaskError | undefined> {
  const { parameters, scenarios, outputs } = describeCommand(decodeCommand(code));
  const hosts = createCommandHosts({ cwd, timeoutMs, onOutput: () => undefined });
  try {
    const host = await hosts.start({ program, exportName: '', scenario: scenarios[0]!, config: null, outputs, targets: [] });
    const ran = host.run({ values: [trialValues(parameters)], set: [0], seeds: [0] });
    return (await ran.finally(() => host.kill())).errors[0]?.error;
  } catch (error) {
    if (error instanceof HostLost || error instanceof LoadFailed) return error.reason;
    throw error;
  }
}

function problemOf({ type, message, stderr_tail = '' }: TaskError): string {
  const lines = stderr_tail.trimEnd().split('\n').slice(-5).join('\n  ');
  return `the trial run failed: ${type}: ${message}${lines === '' ? '' : `; it printed:\n  ${lines}`}`;
}
