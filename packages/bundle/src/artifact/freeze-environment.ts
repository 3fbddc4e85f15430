import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, ModelOpsError } from '@modelops/contracts';
import {
  ACTIVE_LOCK,
  ensureLock,
  freezeWheels,
  installedDistributions,
  isActivePython,
  pythonsFrom,
  WHEEL_PLATFORMS,
  WHEELS,
  WHEELS_INDEX,
} from '@modelops/model-host';
import type { FreezeWheels, ProjectRegistry } from '../project/schemas.ts';
import { type BundleFile, diskFile, memoryFile, readUnchanged } from './bundle-file.ts';

/** The part of a bundle for the environment of its Python models. */
export interface FrozenEnvironment {
  /** Path of the lock in the bundle; undefined if its models use only the standard library. */
  readonly lock: string | undefined;
  /** Files of the bundle that are not part of the project's tree. */
  readonly files: readonly BundleFile[];
}

/**
 * Finds the lock of a project's Python models and targets, compiling a requirements.txt without hashes first, and its wheels if they are frozen.
 * @throws PYTHON_NOT_FOUND, PYTHON_ENVIRONMENT_FAILED, PACKAGE_INDEX_UNREACHABLE
 */
export async function freezeEnvironment(
  projectDir: string,
  { models, targets }: ProjectRegistry,
  freeze: FreezeWheels,
): Promise<FrozenEnvironment> {
  if (![...models, ...targets].some(({ source }) => /\.py(:|$)/.test(source))) return { lock: undefined, files: [] };
  const base = await pythonsFrom(process.env).base();
  if (isActivePython(projectDir)) {
    if (freeze !== false)
      throw cannotFreeze('models use the active interpreter', 'modelops-bundle push --python lock, or push --no-freeze-wheels');
    return { lock: ACTIVE_LOCK, files: [memoryFile(ACTIVE_LOCK, new TextEncoder().encode(await installedDistributions(base)))] };
  }
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const lock = await ensureLock({ base, dir: projectDir, report });
  if (freeze === false) return { lock: lock?.file, files: [] };
  if (lock === undefined)
    throw cannotFreeze(
      'the project has no lock, so its models use only the standard library',
      'uv lock, or modelops-bundle push --no-freeze-wheels',
    );
  const target = freeze === true ? base : { version: freeze.python, platform: WHEEL_PLATFORMS[freeze.platform] };
  const { wheels } = await freezeWheels({ base, lock, dir: projectDir, target, report });
  const files = wheels.map(({ file, sha256 }) => wheelFile(projectDir, `${WHEELS}${file}`, `sha256:${sha256}` as Digest));
  return { lock: lock.file, files: [diskFile(join(projectDir, WHEELS_INDEX), WHEELS_INDEX), ...files] };
}

function cannotFreeze(reason: string, hint: string): ModelOpsError {
  return new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `cannot freeze wheels: ${reason}`, { hint });
}

/** A wheel whose digest is known from its download: it is read, and checked, only if a registry lacks it. */
function wheelFile(projectDir: string, path: string, digest: Digest): BundleFile {
  const absolute = join(projectDir, path);
  return {
    path,
    absolute,
    size: statSync(absolute).size,
    digest,
    isExecutable: false,
    read: () => readUnchanged(absolute, { path, digest }),
  };
}
