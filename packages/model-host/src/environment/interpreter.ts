import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import { cachedResult } from '../describe/result-cache.ts';
import type { PythonLock } from './lock.ts';
import { selectionOf } from './selection.ts';

/** A Python that can run models. */
export interface Python {
  /** Absolute path of the interpreter. */
  readonly interpreter: string;
  /** `3.12` */
  readonly version: string;
  /** Operating system and processor, such as `linux-x86_64`. */
  readonly platform: string;
  /** The lock that its environment was built from. */
  readonly lock?: PythonLock;
}

const PROBE = 'import json, sys, sysconfig; print(json.dumps([sys.executable, list(sys.version_info[:2]), sysconfig.get_platform()]))';
const probeSchema = z.lazy(() => z.tuple([z.string().min(1), z.tuple([z.int(), z.int()]), z.string()]));
const OLDEST = [3, 10] as const;

/**
 * The given interpreter, otherwise the first of `python3` and `python` that starts. Its properties are cached in `cacheDir`, see `selectionOf`.
 * @throws PYTHON_NOT_FOUND, also if it is too old
 */
export async function findPython(given: string | undefined, cacheDir: string): Promise<Python> {
  const candidates = given === undefined ? ['python3', 'python'] : [given];
  for (const candidate of candidates) {
    const found = await probeOnce(candidate, cacheDir);
    if (found === undefined) continue;
    const [interpreter, [major, minor], platform] = found;
    const version = `${major}.${minor}`;
    if (major === OLDEST[0] && minor >= OLDEST[1]) return { interpreter, version, platform };
    throw notFound(`${interpreter} is Python ${version}; models need ${OLDEST.join('.')} or later`);
  }
  throw notFound(`no Python interpreter found: ${candidates.join(' and ')} ${candidates.length === 1 ? 'does' : 'do'} not start`);
}

function notFound(message: string): ModelOpsError {
  return new ModelOpsError('PYTHON_NOT_FOUND', message, { hint: 'install Python 3.10 or later, or set MODELOPS_PYTHON to its path' });
}

async function probeOnce(command: string, cacheDir: string): Promise<z.output<typeof probeSchema> | undefined> {
  const selection = selectionOf(command, process.env, process.cwd());
  if (selection === undefined) return probe(command);
  const known = await cachedResult(cacheDir, `python:${selection}`, async () => (await probe(command)) ?? null);
  const { data } = probeSchema.safeParse(known);
  return data !== undefined && existsSync(data[0]) ? data : probe(command);
}

async function probe(command: string): Promise<z.output<typeof probeSchema> | undefined> {
  try {
    const { stdout } = await promisify(execFile)(command, ['-I', '-c', PROBE], { timeout: 30_000 });
    return probeSchema.parse(JSON.parse(stdout));
  } catch {
    return undefined; // not installed, or a stub
  }
}
