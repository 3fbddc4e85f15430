import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { decodeCommand } from '../command/command-file.ts';
import { describeCommand } from '../command/read-command.ts';
import { createCommandHosts } from '../hosts/child-host.ts';
import { HostLost, LoadFailed } from '../hosts/model-host.ts';
import type { TaskError } from '../hosts/task-error.ts';
import type { Program } from '../source/program.ts';
import { trialValues } from './trial-values.ts';

export interface TryCommandOptions {
  readonly projectDir: string;
  readonly data: readonly string[];
  readonly timeoutMs: number;
}

/** Runs a command model once in a folder with the files that it names and its declared data; returns the problem if it fails. */
export async function tryCommand(
  { code, closure }: Program,
  { projectDir, data, timeoutMs }: TryCommandOptions,
): Promise<{ readonly problem?: string }> {
  const view = await realpath(await mkdtemp(join(tmpdir(), 'modelops-trial-')));
  try {
    for (const path of new Set([...closure.map((file) => file.path), ...data])) {
      await mkdir(dirname(join(view, path)), { recursive: true });
      await symlink(join(projectDir, path), join(view, path));
    }
    const program = join(view, '.modelops-command.json');
    await writeFile(program, code!);
    const error = await runOnce(code!, program, view, timeoutMs);
    return error === undefined ? {} : { problem: problemOf(error) };
  } finally {
    await rm(view, { recursive: true, force: true });
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
