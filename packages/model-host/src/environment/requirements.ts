import { join } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import { pythonEnvironment } from '../programs.ts';
import { type RunFailure, run } from './installer.ts';
import type { Python } from './interpreter.ts';

const answerSchema = z.lazy(() =>
  z.union([
    z.object({ error: z.object({ message: z.string(), hint: z.string() }) }),
    z.object({ requirements: z.array(z.string()), tags: z.array(z.string()).default([]) }),
  ]),
);

/** A Python version and platform, such as `3.12` and `linux-x86_64`. */
export type PythonTarget = Pick<Python, 'version' | 'platform'>;

export interface Requirements {
  /** Pip requirements with hashes, one line each. */
  readonly lines: readonly string[];
  /** For another platform: the platform tags of the wheels that install there. */
  readonly tags: readonly string[];
}

/**
 * The packages that a lock installs on an interpreter, or on `target`, another Python version and Linux platform.
 * @throws PYTHON_ENVIRONMENT_FAILED for a lock that cannot be installed; it names each package without a wheel
 */
export async function readRequirements(
  { interpreter }: Python,
  dir: string,
  lockFile: string,
  target?: PythonTarget,
): Promise<Requirements> {
  const file = join(dir, lockFile);
  const elsewhere = target === undefined ? [] : [target.version, target.platform];
  const stdout = await run(interpreter, ['-m', 'modelops._lock', file, ...elsewhere], { env: pythonEnvironment() }).catch(
    (error: RunFailure) => {
      if (error.stdout.startsWith('{')) return error.stdout;
      throw new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `cannot read ${file}: ${error.message}`, { cause: error });
    },
  );
  const answer = answerSchema.parse(JSON.parse(stdout));
  if ('requirements' in answer) return { lines: answer.requirements, tags: answer.tags };
  throw new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', answer.error.message, { hint: answer.error.hint });
}

/** A package of a lock. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
}

/** The packages among requirements: `numpy==2.0.1 --hash=…`. Options are omitted. */
export function packagesIn(requirements: readonly string[]): LockedPackage[] {
  return requirements.flatMap((line) => {
    const [, name, version] = /^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;]+)/.exec(line) ?? [];
    return name === undefined || version === undefined ? [] : [{ name, version }];
  });
}
