import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, sha256Hex } from '@modelops/contracts';
import { createFileLocks } from '@modelops/system';
import { findInstaller, type InstallRequest, installError, run } from './installer.ts';
import type { Python } from './interpreter.ts';
import type { PythonLock } from './lock.ts';
import { readRequirements } from './requirements.ts';
import { findWheels, WHEELS, withoutIndex } from './wheels.ts';

export interface EnvironmentRequest extends InstallRequest {
  readonly lock: PythonLock;
  readonly cacheDir: string;
  /** Builds the environment again if it exists. */
  readonly rebuild?: boolean;
}

/** Identifies the environment by the lock, the interpreter's minor version and the platform. */
export function environmentKey({ version, platform }: Pick<Python, 'version' | 'platform'>, { digest }: PythonLock): string {
  return sha256Hex(canonicalJson({ v: 1, lock: digest, python: version, platform }));
}

/** The folder of the environment with this key, and whether it is complete. */
export async function findEnvironment(key: string, cacheDir: string): Promise<{ readonly dir: string; readonly isBuilt: boolean }> {
  const dir = join(cacheDir, 'environments', key.slice(0, 12));
  const isMarked = (await readFile(marker(dir), 'utf8').catch(() => '')) === key;
  // Its interpreter is a link to the one that it was made with, which may have been removed since.
  return { dir, isBuilt: isMarked && existsSync(join(dir, 'bin', 'python')) };
}

/**
 * The interpreter of the environment that a lock describes, at `<cacheDir>/environments/<key12>`. It is built in its final folder, by one process
 * at a time, and marked complete last; without the mark it is built again. Only wheels are installed, and only with the lock's hashes; if the
 * folder has frozen wheels of this lock, no package index is used.
 * @throws PYTHON_ENVIRONMENT_FAILED, PACKAGE_INDEX_UNREACHABLE
 */
export async function ensureEnvironment(request: EnvironmentRequest): Promise<Python> {
  const { base, lock, cacheDir, rebuild = false } = request;
  const key = environmentKey(base, lock);
  const { dir, isBuilt } = await findEnvironment(key, cacheDir);
  const python: Python = { ...base, interpreter: join(dir, 'bin', 'python'), lock };
  if (isBuilt && !rebuild) return python;
  await createFileLocks(join(cacheDir, 'environments', 'locks'))(key, async () => {
    if (rebuild || !(await findEnvironment(key, cacheDir)).isBuilt) await build(request, dir, key);
  });
  return python;
}

const marker = (dir: string) => join(dir, 'modelops-complete');

async function build({ base, lock, dir: lockDir, uv, report }: EnvironmentRequest, dir: string, key: string): Promise<void> {
  const { wheels, others } = findWheels(lockDir, lock, base);
  const { lines: requirements } = await readRequirements(base, lockDir, lock.file);
  const installer = await findInstaller(base, uv);
  const count = requirements.filter((line) => !line.startsWith('-')).length;
  const from = wheels === undefined ? '' : ', from frozen wheels';
  if (others !== undefined) report(`the frozen wheels are for Python ${others.python} on ${others.platform}; using the package index`);
  report(`building the Python ${base.version} environment of ${lock.file} with ${installer.name}: ${count} packages${from}`);
  const startedAt = Date.now();
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await run(base.interpreter, ['-m', 'venv', '--without-pip', dir]);
  const file = join(dir, 'requirements.txt');
  await writeFile(file, `${requirements.join('\n')}\n`);
  const python = join(dir, 'bin', 'python');
  const source = wheels === undefined ? [] : ['--no-index', '--find-links', join(lockDir, WHEELS)];
  const options = [...source, '--require-hashes', '--only-binary', ':all:', '--no-deps', '-r', file];
  const args =
    installer.name === 'uv'
      ? ['pip', 'install', '--quiet', '--compile-bytecode', '--python', python, ...options]
      : ['--python', python, 'install', '--quiet', '--no-input', ...options];
  await run(installer.command, [...installer.args, ...args]).catch((error) => {
    throw others === undefined ? installError(error, lock.file) : withoutIndex(others, base, installError(error, lock.file));
  });
  await writeFile(marker(dir), key);
  report(`built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s: ${dir}`);
}
