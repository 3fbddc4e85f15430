import { defineCommand } from '@modelops/cli-kit';
import { formatCount, ModelOpsError, shortId } from '@modelops/contracts';
import {
  COMPILED_REQUIREMENTS,
  ensureLock,
  environmentKey,
  type FrozenWheels,
  findEnvironment,
  findLock,
  findWheels,
  installedDistributions,
  isActivePython,
  type LockedPackage,
  needsCompiling,
  openActive,
  type Python,
  type PythonLock,
  packagesIn,
  pythonsFrom,
  readRequirements,
} from '@modelops/model-host';
import * as z from 'zod';
import type { BundleDeps } from '../deps.ts';
import { findBundleProject } from '../project/project.ts';
import type { EnvironmentReport } from './documents.ts';

const report = (line: string) => void process.stderr.write(`${line}\n`);

export const envLock = defineCommand({
  examples: ['modelops-bundle env lock', 'modelops-bundle env lock --upgrade'],
  args: z.object({}),
  options: z.object({
    upgrade: z.boolean().default(false).describe('Compile requirements.txt again, to the newest versions that it allows'),
  }),
  schema: 'modelops.bundle.env-lock/v1',
  document: async () => (await import('./documents.ts')).envLock,
  run: async ({ upgrade }, { cwd }: BundleDeps) => {
    const dir = findBundleProject(cwd);
    if (findLock(dir) === undefined)
      throw new ModelOpsError('FILE_NOT_FOUND', `no uv.lock, pylock.toml or requirements.txt found in ${dir}`, {
        hint: 'list the packages in requirements.txt, or in pyproject.toml and run uv lock',
      });
    await ensureLock({ base: await pythonsFrom(process.env).base(), dir, report, rebuild: upgrade });
    return describeEnvironment(dir);
  },
  human: (data) => `${renderEnvironment(data)}\nnext: modelops-bundle env build`,
});

export const envBuild = defineCommand({
  examples: ['modelops-bundle env build', 'modelops-bundle env build --rebuild'],
  args: z.object({}),
  options: z.object({ rebuild: z.boolean().default(false).describe('Build the environment again, even if it is complete') }),
  schema: 'modelops.bundle.env-build/v1',
  document: async () => (await import('./documents.ts')).envBuild,
  run: async ({ rebuild }, { cwd }: BundleDeps) => {
    const dir = findBundleProject(cwd);
    await pythonsFrom(process.env).open(dir, { rebuild });
    return describeEnvironment(dir);
  },
  human: (data) => renderEnvironment(data),
});

export const envShow = defineCommand({
  examples: ['modelops-bundle env show', 'modelops-bundle env show --json'],
  args: z.object({}),
  options: z.object({}),
  schema: 'modelops.bundle.env-show/v1',
  document: async () => (await import('./documents.ts')).envShow,
  run: async (_, { cwd }: BundleDeps) => describeEnvironment(findBundleProject(cwd)),
  human: (data) => `${renderEnvironment(data)}\n${data.packages.map(({ name, version }) => `  ${name} ${version}`).join('\n')}`.trimEnd(),
});

/** Reads the lock and the properties of the interpreter; builds and compiles nothing. @throws PYTHON_NOT_FOUND, PYTHON_ENVIRONMENT_FAILED for a lock that cannot be installed */
async function describeEnvironment(dir: string): Promise<EnvironmentReport> {
  const pythons = pythonsFrom(process.env);
  const base = await pythons.base();
  const { interpreter, version, platform } = base;
  const about = { dir, interpreter, version, platform, needs_compiling: false, environment: null, is_built: true, ...describeWheels() };
  if (isActivePython(dir)) {
    const { lock } = await openActive(base, dir);
    return { ...about, lock: shown(lock!), packages: installedPackages(await installedDistributions(base)) };
  }
  const lock = findLock(dir);
  if (lock === undefined) return { ...about, lock: null, packages: [] };
  if (needsCompiling(dir) && lock.file !== COMPILED_REQUIREMENTS)
    return { ...about, lock: shown(lock), packages: [], needs_compiling: true, is_built: false };
  return { ...about, ...(await describeLocked(base, lock, { dir, cacheDir: pythons.cacheDir })) };
}

async function describeLocked(base: Python, lock: PythonLock, { dir, cacheDir }: { readonly dir: string; readonly cacheDir: string }) {
  const { dir: environment, isBuilt } = await findEnvironment(environmentKey(base, lock), cacheDir);
  const { wheels, others } = findWheels(dir, lock, base);
  return {
    lock: shown(lock),
    packages: packagesIn((await readRequirements(base, dir, lock.file)).lines),
    environment,
    is_built: isBuilt,
    ...describeWheels(wheels ?? others),
  };
}

function describeWheels(wheels?: FrozenWheels): Pick<EnvironmentReport, 'frozen_wheels' | 'frozen_for'> {
  if (wheels === undefined) return { frozen_wheels: 0, frozen_for: null };
  return { frozen_wheels: wheels.wheels.length, frozen_for: { python: wheels.python, platform: wheels.platform } };
}

const shown = ({ file, digest, isActive }: PythonLock) => ({ file, digest, is_active: isActive === true });

function installedPackages(text: string): LockedPackage[] {
  const [, ...lines] = text.trimEnd().split('\n'); // the first line is Python itself
  return packagesIn(lines);
}

function renderEnvironment({
  lock,
  packages,
  needs_compiling,
  interpreter,
  version,
  platform,
  environment,
  is_built,
  frozen_wheels,
  frozen_for,
}: EnvironmentReport) {
  const python = `Python ${version} on ${platform}: ${interpreter}`;
  if (lock === null) return `no lock: models use the standard library of ${python}`;
  if (lock.is_active) return `${formatCount(packages.length, 'package')} of the active interpreter, ${python}`;
  if (needs_compiling) return `${lock.file} has packages without hashes; next: modelops-bundle env lock\n${python}`;
  return [
    `${lock.file} (${shortId(lock.digest)}): ${formatCount(packages.length, 'package')}`,
    python,
    `environment ${environment}, ${is_built ? 'built' : 'not built'}`,
    ...(frozen_for === null
      ? []
      : [`${formatCount(frozen_wheels, 'frozen wheel')} for Python ${frozen_for.python} on ${frozen_for.platform}`]),
  ].join('\n');
}
