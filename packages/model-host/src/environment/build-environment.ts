import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, isModelOpsError, ModelOpsError, sha256Hex } from '@modelops/contracts';
import { createFileLocks } from '@modelops/system';
import * as z from 'zod';
import { pythonEnvironment } from '../hosts/python/python-command.ts';
import type { Python } from './interpreter.ts';
import type { PythonLock } from './lock.ts';

export interface EnvironmentRequest {
  /** The interpreter that the environment is made with. */
  readonly base: Python;
  readonly lock: PythonLock;
  /** Folder of the lock file. */
  readonly dir: string;
  readonly cacheDir: string;
  /** Receives one line for each long step. */
  readonly report: (line: string) => void;
}

/** Names the environment: the lock, the interpreter's minor version and the platform. */
export function environmentKey({ version, platform }: Pick<Python, 'version' | 'platform'>, { digest }: PythonLock): string {
  return sha256Hex(canonicalJson({ v: 1, lock: digest, python: version, platform }));
}

/**
 * The interpreter of the environment that a lock describes, at `<cacheDir>/environments/<key12>`. It is built where it will stay, by one process at
 * a time, and marked complete last; one that is not marked is built again. Only wheels are installed, and only with the lock's hashes.
 * @throws PYTHON_ENVIRONMENT_FAILED, PACKAGE_INDEX_UNREACHABLE
 */
export async function ensureEnvironment(request: EnvironmentRequest): Promise<Python> {
  const { base, lock, cacheDir } = request;
  const key = environmentKey(base, lock);
  const environments = join(cacheDir, 'environments');
  const dir = join(environments, key.slice(0, 12));
  const python: Python = { ...base, interpreter: join(dir, 'bin', 'python'), lock };
  if (await isComplete(dir, key)) return python;
  await createFileLocks(join(environments, 'locks'))(key, async () => {
    if (!(await isComplete(dir, key))) await build(request, dir, key);
  });
  return python;
}

const marker = (dir: string) => join(dir, 'modelops-complete');

async function isComplete(dir: string, key: string): Promise<boolean> {
  return (await readFile(marker(dir), 'utf8').catch(() => '')) === key;
}

async function build({ base, lock, dir: lockDir, report }: EnvironmentRequest, dir: string, key: string): Promise<void> {
  const requirements = await readRequirements(base, join(lockDir, lock.file));
  const count = requirements.filter((line) => !line.startsWith('-')).length;
  report(`building the Python ${base.version} environment of ${lock.file}: ${count} packages`);
  const startedAt = Date.now();
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await run(base.interpreter, ['-m', 'venv', '--without-pip', dir]);
  const file = join(dir, 'requirements.txt');
  await writeFile(file, `${requirements.join('\n')}\n`);
  const python = join(dir, 'bin', 'python');
  const options = ['--require-hashes', '--only-binary', ':all:', '--no-deps', '-r', file];
  try {
    if (await hasUv()) await run('uv', ['pip', 'install', '--quiet', '--compile-bytecode', '--python', python, ...options]);
    else await run(base.interpreter, ['-m', 'pip', '--python', python, 'install', '--quiet', '--no-input', ...options]);
  } catch (error) {
    throw installError(error, lock);
  }
  await writeFile(marker(dir), key);
  report(`built it in ${((Date.now() - startedAt) / 1000).toFixed(1)} s: ${dir}`);
}

const requirementsSchema = z.union([
  z.object({ error: z.object({ message: z.string(), hint: z.string() }) }),
  z.object({ requirements: z.array(z.string()) }),
]);

async function readRequirements({ interpreter }: Python, file: string): Promise<string[]> {
  const stdout = await run(interpreter, ['-m', 'modelops._lock', file], pythonEnvironment()).catch((error: InstallFailure) => {
    if (error.stdout.startsWith('{')) return error.stdout;
    throw new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `cannot read ${file}: ${error.message}`, { cause: error });
  });
  const answer = requirementsSchema.parse(JSON.parse(stdout));
  if ('requirements' in answer) return answer.requirements;
  throw new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', answer.error.message, { hint: answer.error.hint });
}

async function hasUv(): Promise<boolean> {
  return run('uv', ['--version']).then(
    () => true,
    () => false,
  );
}

interface InstallFailure extends Error {
  readonly stdout: string;
}

/** The installer has the user's environment: proxies, certificates, indexes. */
function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { env: { ...process.env, ...env }, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
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

/** Pure: what an installer's output means. */
export function installError(error: unknown, { file }: Pick<PythonLock, 'file'>): ModelOpsError {
  if (isModelOpsError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (REFUSED_HASH.test(text))
    return new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `a package differs from its hash in ${file}:\n${text}`, {
      hint: 'if the package index was changed on purpose, lock again',
    });
  if (UNREACHABLE.test(text))
    return new ModelOpsError(
      'PACKAGE_INDEX_UNREACHABLE',
      `cannot install the packages of ${file}: the package index does not answer\n${text}`,
      {
        hint: 'check the connection, or set PIP_INDEX_URL (pip) or UV_INDEX_URL (uv) to an index within reach',
      },
    );
  return new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `cannot install the packages of ${file}:\n${text}`, {
    hint: 'check that each package in the lock has a wheel for this Python version and platform',
  });
}
