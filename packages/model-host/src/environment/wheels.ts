import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDigest, type Digest, isDigest, ModelOpsError } from '@modelops/contracts';
import { withTemporaryFolder } from '@modelops/system';
import * as z from 'zod';
import { findPip, type InstallRequest, installError, isRefusedHash, run } from './installer.ts';
import type { Python } from './interpreter.ts';
import type { PythonLock } from './lock.ts';
import { type PythonTarget, readRequirements } from './requirements.ts';

/** The folder of frozen wheels, in a project and in a bundle. */
export const WHEELS = '.modelops-bundle/wheels/';
/** Lists the frozen wheels, with the lock and platform that they are for. */
export const WHEELS_INDEX = `${WHEELS}wheels.json`;

const indexSchema = z.lazy(() =>
  z.object({
    schema_version: z.literal(1),
    lock: z.string().refine(isDigest, 'not a sha256 digest'),
    /** `3.12` */
    python: z.string(),
    platform: z.string(),
    wheels: z.array(z.object({ file: z.string(), size: z.int(), sha256: z.string() })),
  }),
);

/** The wheels of an environment, which need no package index. */
export type FrozenWheels = Readonly<z.output<typeof indexSchema>>;

/** The frozen wheels of a project or bundle; undefined if there are none or their list is damaged. */
export function readWheels(dir: string): FrozenWheels | undefined {
  try {
    return indexSchema.parse(JSON.parse(readFileSync(join(dir, WHEELS_INDEX), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whether wheels are for this lock, Python version and platform. */
function areWheelsOf(wheels: FrozenWheels, lock: Digest, { version, platform }: PythonTarget): boolean {
  return wheels.lock === lock && wheels.python === version && wheels.platform === platform;
}

/** Platforms for which wheels are frozen on another machine: by their name in container images, the name that their Python uses. */
export const WHEEL_PLATFORMS = { 'linux/amd64': 'linux-x86_64', 'linux/arm64': 'linux-aarch64' } as const;

export interface FreezeWheelsRequest extends InstallRequest {
  readonly lock: PythonLock;
  /** Another Python version and platform than those of `base`, one of {@link WHEEL_PLATFORMS}. */
  readonly target?: PythonTarget | undefined;
}

/**
 * Downloads the wheels that a lock installs on an interpreter, or on `target`, to `.modelops-bundle/wheels`, unless they are there, and checks each
 * against its hash in the lock.
 * @throws PYTHON_ENVIRONMENT_FAILED, PACKAGE_INDEX_UNREACHABLE
 */
export async function freezeWheels(request: FreezeWheelsRequest): Promise<FrozenWheels> {
  const { base, lock, dir, target = base, report } = request;
  const held = readWheels(dir);
  const folder = join(dir, WHEELS);
  if (held !== undefined && areWheelsOf(held, lock.digest, target) && held.wheels.every(({ file }) => existsSync(join(folder, file))))
    return held;
  await mkdir(join(dir, '.modelops-bundle'), { recursive: true });
  return withTemporaryFolder(join(dir, '.modelops-bundle', 'wheels-'), async (temporary) => {
    report(`downloading the wheels of ${lock.file} for Python ${target.version} on ${target.platform}`);
    await download(request, target, temporary);
    const wheels: FrozenWheels = {
      schema_version: 1,
      lock: lock.digest,
      python: target.version,
      platform: target.platform,
      wheels: await describeWheels(temporary),
    };
    await writeFile(join(temporary, 'wheels.json'), `${JSON.stringify(wheels, null, 1)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    return wheels;
  });
}

async function download({ base, lock, dir, uv }: FreezeWheelsRequest, target: PythonTarget, folder: string): Promise<void> {
  const isElsewhere = target.version !== base.version || target.platform !== base.platform;
  const { lines, tags } = await readRequirements(base, dir, lock.file, isElsewhere ? target : undefined);
  const pip = await findPip(base, uv);
  const file = join(folder, 'requirements.txt');
  await writeFile(file, `${lines.join('\n')}\n`);
  const interpreter = isElsewhere ? ['--implementation', 'cp', '--python-version', target.version] : [];
  const platforms = tags.flatMap((tag) => ['--platform', tag]);
  const options = ['--quiet', '--no-input', '--require-hashes', '--only-binary', ':all:', '--no-deps', '--dest', folder, '-r', file];
  await run(pip.command, [...pip.args, 'download', ...interpreter, ...platforms, ...options]).catch((error) => {
    throw isElsewhere ? downloadError(error, lock.file, target) : installError(error, lock.file, `download the wheels of ${lock.file}`);
  });
  await rm(file);
}

/** A requirements.txt does not list its wheels: which of them exist for another platform is known when they are downloaded. */
function downloadError(error: unknown, file: string, { version, platform }: PythonTarget): ModelOpsError {
  const where = `Python ${version} on ${platform}`;
  const text = error instanceof Error ? error.message : String(error);
  const hint = 'lock for every platform: install uv (https://docs.astral.sh/uv), then modelops-bundle env lock --upgrade, or use uv.lock';
  const missing = /No matching distribution found for (\S+)/.exec(text)?.[1];
  if (missing !== undefined)
    return new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `${missing} of ${file} has no wheel for ${where}`, {
      hint: `choose a version of it that has one, or another --python-version`,
    });
  const unlisted = isRefusedHash(text) ? /^\s+(\S+==\S+) from /m.exec(text)?.[1] : undefined;
  if (unlisted !== undefined)
    return new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `${file} has no hash of the wheel of ${unlisted} for ${where}`, { hint });
  return installError(error, file, `download the wheels of ${file} for ${where}`);
}

async function describeWheels(folder: string): Promise<FrozenWheels['wheels']> {
  const described = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.whl')).sort()) {
    const [sum, { size }] = await Promise.all([digestOfFile(join(folder, file)), stat(join(folder, file))]);
    described.push({ file, size, sha256: sum.slice('sha256:'.length) });
  }
  return described;
}

async function digestOfFile(path: string): Promise<Digest> {
  const sum = createDigest();
  for await (const piece of createReadStream(path)) sum.update(piece as Buffer);
  return sum.digest();
}

/** The frozen wheels in the folder of a lock: `wheels` if they are for this Python, otherwise `others`; neither if they are for another lock. */
export function findWheels(
  dir: string,
  { digest }: PythonLock,
  base: PythonTarget,
): { readonly wheels?: FrozenWheels; readonly others?: FrozenWheels } {
  const wheels = readWheels(dir);
  if (wheels === undefined || wheels.lock !== digest) return {};
  return areWheelsOf(wheels, digest, base) ? { wheels } : { others: wheels };
}

/** Why an environment that has frozen wheels for another Python only, and a package index that does not respond, cannot be built. */
export function withoutIndex({ python, platform }: FrozenWheels, base: Python, cause: ModelOpsError): ModelOpsError {
  if (cause.code !== 'PACKAGE_INDEX_UNREACHABLE') return cause;
  return new ModelOpsError(
    'PYTHON_ENVIRONMENT_FAILED',
    `the frozen wheels are for Python ${python} on ${platform}, but ${base.interpreter} is Python ${base.version} on ${base.platform}, and the package index does not respond`,
    { hint: `use Python ${python} on ${platform} here, or ${pushCommand(base)}`, cause },
  );
}

/** How wheels for a Python are put into a bundle. */
function pushCommand({ version, platform }: PythonTarget): string {
  const name = Object.entries(WHEEL_PLATFORMS).find(([, one]) => one === platform)?.[0];
  if (name === undefined) return `push with --freeze-wheels from a machine with Python ${version} on ${platform}`;
  return `modelops-bundle push --freeze-wheels --platform ${name} --python-version ${version}`;
}
