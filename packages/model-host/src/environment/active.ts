import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, formatNames, ModelOpsError, messageOf } from '@modelops/contracts';
import { isAbsent, modelEnvironment } from '@modelops/system';
import { pythonEnvironment } from '../programs.ts';
import { run } from './installer.ts';
import type { Python } from './interpreter.ts';
import { ACTIVE_LOCK } from './lock.ts';

/** The installed distributions of an interpreter, one sorted line each: name, version and the SHA-256 of its files' hashes. */
export async function installedDistributions({ interpreter }: Python): Promise<string> {
  return run(interpreter, ['-m', 'modelops._installed'], { env: { ...modelEnvironment(process.env), ...pythonEnvironment() } });
}

/**
 * The active interpreter, whose installed distributions are the lock.
 * @throws PYTHON_ENVIRONMENT_FAILED if `dir` is a bundle that was pushed with other distributions
 */
export async function openActive(base: Python, dir: string): Promise<Python> {
  const installed = await installedDistributions(base);
  const pushed = await readPushed(join(dir, ACTIVE_LOCK));
  if (pushed !== undefined && pushed !== installed) throw differs(base, pushed, installed);
  return { ...base, lock: { file: ACTIVE_LOCK, digest: digestOf(Buffer.from(installed)), isActive: true } };
}

async function readPushed(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw new ModelOpsError('PYTHON_ENVIRONMENT_FAILED', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}

const SHOWN = 5;

function differs({ interpreter }: Python, pushed: string, installed: string): ModelOpsError {
  const [expected, actual] = [linesOf(pushed), linesOf(installed)];
  const names = [...new Set([...expected.keys(), ...actual.keys()])].filter((name) => expected.get(name) !== actual.get(name)).sort();
  const changes = names.map((name) => `${name} (${versionOf(actual.get(name))}, pushed with ${versionOf(expected.get(name))})`);
  return new ModelOpsError(
    'PYTHON_ENVIRONMENT_FAILED',
    `the packages of ${interpreter} differ from those of the bundle: ${formatNames(changes, SHOWN)}`,
    {
      hint: 'the bundle uses the active interpreter (--python active): activate that environment, or lock its packages and push with --python lock',
    },
  );
}

/** The rest of each line, by name. */
function linesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .trimEnd()
      .split('\n')
      .map((line) => [line.split('==', 1)[0]!, line.slice(line.indexOf('==') + 2)]),
  );
}

function versionOf(rest: string | undefined): string {
  return rest === undefined ? 'absent' : rest.split(' ', 1)[0]!;
}
