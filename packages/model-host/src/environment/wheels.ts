import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, isDigest, ModelOpsError, sha256Hex } from '@modelops/contracts';
import * as z from 'zod';
import { findPip, installError, run, type UvChoice } from './installer.ts';
import type { Python } from './interpreter.ts';
import type { PythonLock } from './lock.ts';
import { readRequirements } from './requirements.ts';

/** The folder of frozen wheels, in a project and in a bundle. */
export const WHEELS = '.modelops-bundle/wheels/';
/** Lists the frozen wheels, with the lock and platform that they are for. */
export const WHEELS_INDEX = `${WHEELS}wheels.json`;

const indexSchema = z.object({
  schema_version: z.literal(1),
  lock: z.string().refine(isDigest, 'not a sha256 digest'),
  /** `3.12` */
  python: z.string(),
  platform: z.string(),
  wheels: z.array(z.object({ file: z.string(), size: z.int(), sha256: z.string() })),
});

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

/** Whether wheels are for this lock and interpreter. */
export function areWheelsOf(wheels: FrozenWheels, lock: Digest, { version, platform }: Pick<Python, 'version' | 'platform'>): boolean {
  return wheels.lock === lock && wheels.python === version && wheels.platform === platform;
}

export interface FreezeWheelsRequest {
  readonly base: Python;
  readonly lock: PythonLock;
  readonly dir: string;
  readonly uv?: UvChoice | undefined;
  readonly report: (line: string) => void;
}

/**
 * Downloads the wheels that a lock installs on an interpreter to `.modelops-bundle/wheels`, unless they are there, and checks each against its hash
 * in the lock.
 * @throws PYTHON_ENVIRONMENT_FAILED, PACKAGE_INDEX_UNREACHABLE
 */
export async function freezeWheels({ base, lock, dir, uv, report }: FreezeWheelsRequest): Promise<FrozenWheels> {
  const held = readWheels(dir);
  const folder = join(dir, WHEELS);
  if (held !== undefined && areWheelsOf(held, lock.digest, base) && held.wheels.every(({ file }) => existsSync(join(folder, file))))
    return held;
  const requirements = await readRequirements(base, dir, lock.file);
  const pip = await findPip(base, uv);
  await mkdir(join(dir, '.modelops-bundle'), { recursive: true });
  const temporary = await mkdtemp(join(dir, '.modelops-bundle', 'wheels-'));
  try {
    report(`downloading the wheels of ${lock.file} for Python ${base.version} on ${base.platform}`);
    const file = join(temporary, 'requirements.txt');
    await writeFile(file, `${requirements.join('\n')}\n`);
    const options = ['--quiet', '--no-input', '--require-hashes', '--only-binary', ':all:', '--no-deps', '--dest', temporary, '-r', file];
    await run(pip.command, [...pip.args, 'download', ...options]).catch((error) => {
      throw installError(error, lock.file, `download the wheels of ${lock.file}`);
    });
    await rm(file);
    const wheels: FrozenWheels = {
      schema_version: 1,
      lock: lock.digest,
      python: base.version,
      platform: base.platform,
      wheels: await describeWheels(temporary),
    };
    await writeFile(join(temporary, 'wheels.json'), `${JSON.stringify(wheels, null, 1)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    return wheels;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function describeWheels(folder: string): Promise<FrozenWheels['wheels']> {
  const described = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.whl')).sort()) {
    const bytes = await readFile(join(folder, file));
    described.push({ file, size: bytes.byteLength, sha256: sha256Hex(bytes) });
  }
  return described;
}

/** The wheels of a bundle or project from which its environment is built, if any. @throws PYTHON_ENVIRONMENT_FAILED for a bundle whose wheels are for another Python */
export function usableWheels(dir: string, lock: PythonLock, base: Python): FrozenWheels | undefined {
  const wheels = readWheels(dir);
  if (wheels === undefined || areWheelsOf(wheels, lock.digest, base)) return wheels;
  const isProject = existsSync(join(dir, '.modelops-bundle', 'config.yaml'));
  if (isProject || wheels.lock !== lock.digest) return undefined; // frozen for an earlier lock or interpreter: the package index is used
  throw new ModelOpsError(
    'PYTHON_ENVIRONMENT_FAILED',
    `the bundle's wheels are for Python ${wheels.python} on ${wheels.platform}, but ${base.interpreter} is Python ${base.version} on ${base.platform}`,
    { hint: `use Python ${wheels.python} here (MODELOPS_PYTHON), or push from a machine with Python ${base.version} on ${base.platform}` },
  );
}
