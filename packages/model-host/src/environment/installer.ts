import { execFile } from 'node:child_process';
import { isModelOpsError, ModelOpsError } from '@modelops/contracts';
import type { Python } from './interpreter.ts';

/** A program that installs Python packages: `uv` if it is found, otherwise the interpreter's pip. */
export interface Installer {
  readonly name: 'uv' | 'pip';
  readonly command: string;
  readonly args: readonly string[];
}

/** The name or path of `uv`; false never uses it. */
export type UvChoice = string | false;

/** What every step of an environment needs. */
export interface InstallRequest {
  /** The interpreter that the packages are for. */
  readonly base: Python;
  /** Folder of the lock file. */
  readonly dir: string;
  readonly uv?: UvChoice | undefined;
  /** Called with one line for each long step. */
  readonly report: (line: string) => void;
}

/** @throws PYTHON_ENVIRONMENT_FAILED if neither is found */
export async function findInstaller(base: Python, uv: UvChoice = 'uv'): Promise<Installer> {
  if (uv !== false && (await starts(uv, ['--version']))) return { name: 'uv', command: uv, args: [] };
  return findPip(base, false);
}

/** An interpreter's pip, otherwise pip run by uv, which cannot download wheels itself. @throws PYTHON_ENVIRONMENT_FAILED if neither is found */
export async function findPip({ interpreter }: Python, uv: UvChoice = 'uv'): Promise<Installer> {
  if (await starts(interpreter, ['-m', 'pip', '--version'])) return { name: 'pip', command: interpreter, args: ['-m', 'pip'] };
  if (uv !== false && (await starts(uv, ['--version'])))
    return { name: 'pip', command: uv, args: ['tool', 'run', '--quiet', '--python', interpreter, 'pip'] };
  throw new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `cannot install packages: uv is not installed, and ${interpreter} has no pip`, {
    hint: `install uv (https://docs.astral.sh/uv), or run ${interpreter} -m ensurepip`,
  });
}

function starts(command: string, args: readonly string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}

export interface RunFailure extends Error {
  readonly stdout: string;
}

/** Runs a program with the user's environment, which configures proxies, certificates and indexes; returns its stdout. Rejects with a {@link RunFailure}. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const options = { ...(cwd === undefined ? {} : { cwd }), env: { ...process.env, ...env }, maxBuffer: 64 * 2 ** 20 };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(Object.assign(new Error(lastLines(stderr) || error.message), { stdout }));
    });
  });
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-15).join('\n');
}

const UNREACHABLE =
  /Temporary failure in name resolution|Name or service not known|Max retries exceeded|timed out|Network is unreachable|Connection refused|dns error|error sending request|Failed to fetch|NewConnectionError/i;
const REFUSED_HASH = /do not match the hashes|hash mismatch/i;

/** Whether an installer's output reports that a package differs from its hash. */
export const isRefusedHash = (text: string) => REFUSED_HASH.test(text);

/** The error that an installer's output describes. `what` is its action, such as `install the packages of uv.lock`. */
export function installError(error: unknown, file: string, what = `install the packages of ${file}`): ModelOpsError {
  if (isModelOpsError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (isRefusedHash(text))
    return new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `a package differs from its hash in ${file}:\n${text}`, {
      hint: 'if the package index was changed on purpose, lock again',
    });
  if (UNREACHABLE.test(text))
    return new ModelOpsError('PACKAGE_INDEX_UNREACHABLE', `cannot ${what}: the package index does not respond\n${text}`, {
      hint: 'check the connection, or set PIP_INDEX_URL (pip) or UV_INDEX_URL (uv) to a reachable index; modelops-bundle push --freeze-wheels creates bundles that need no index',
    });
  return new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `cannot ${what}:\n${text}`, {
    hint: 'check that each package in the lock has a wheel for this Python version and platform',
  });
}
