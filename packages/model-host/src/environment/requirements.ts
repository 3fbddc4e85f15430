import { join } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import { pythonEnvironment } from '../hosts/python/python-command.ts';
import { type RunFailure, run } from './installer.ts';
import type { Python } from './interpreter.ts';

const answerSchema = z.union([
  z.object({ error: z.object({ message: z.string(), hint: z.string() }) }),
  z.object({ requirements: z.array(z.string()) }),
]);

/** The packages that a lock installs on an interpreter: pip requirements with hashes, one line each. @throws PYTHON_ENVIRONMENT_FAILED for a lock that cannot be installed */
export async function readRequirements({ interpreter }: Python, dir: string, lockFile: string): Promise<string[]> {
  const file = join(dir, lockFile);
  const stdout = await run(interpreter, ['-m', 'modelops._lock', file], { env: pythonEnvironment() }).catch((error: RunFailure) => {
    if (error.stdout.startsWith('{')) return error.stdout;
    throw new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `cannot read ${file}: ${error.message}`, { cause: error });
  });
  const answer = answerSchema.parse(JSON.parse(stdout));
  if ('requirements' in answer) return answer.requirements;
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
