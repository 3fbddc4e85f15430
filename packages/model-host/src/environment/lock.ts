import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestOf, sha256Hex } from '@modelops/contracts';

/** The lock of the packages of a project's Python models. */
export interface PythonLock {
  /** Path of the lock file from the project's folder. */
  readonly file: string;
  readonly digest: Digest;
  /** True if the lock is the list of packages installed in the active interpreter. */
  readonly isActive?: true;
}

export const REQUIREMENTS = 'requirements.txt';
/** The file that a requirements.txt without hashes is compiled to. */
export const COMPILED_REQUIREMENTS = 'requirements.lock.txt';
const LOCK_FILES = ['uv.lock', 'pylock.toml', REQUIREMENTS] as const;

/** Contains `active` in a project whose models use the active interpreter. */
export const PYTHON_CHOICE = '.modelops-bundle/python';
/** In a bundle: the distributions of the active interpreter at the time of the push. */
export const ACTIVE_LOCK = '.modelops-bundle/compiled/python-active.txt';

/**
 * The first of uv.lock, pylock.toml and requirements.txt in a project's folder; undefined if there is none. For a requirements.txt without hashes
 * it is requirements.lock.txt if that is up to date, see {@link needsCompiling}.
 */
export function findLock(dir: string): PythonLock | undefined {
  for (const file of LOCK_FILES) {
    const bytes = readIfPresent(join(dir, file));
    if (bytes === undefined) continue;
    const compiled = file === REQUIREMENTS && needsCompiling(dir) ? readIfPresent(join(dir, COMPILED_REQUIREMENTS)) : undefined;
    const isCurrent = compiled?.toString('utf8').startsWith(compiledHeader(bytes.toString('utf8'))) === true;
    return isCurrent ? { file: COMPILED_REQUIREMENTS, digest: digestOf(compiled!) } : { file, digest: digestOf(bytes) };
  }
  return undefined;
}

/** Whether a project's lock is a requirements.txt that has packages without hashes. */
export function needsCompiling(dir: string): boolean {
  if (LOCK_FILES.slice(0, -1).some((file) => existsSync(join(dir, file)))) return false;
  const text = readIfPresent(join(dir, REQUIREMENTS))?.toString('utf8') ?? '';
  return requirementLines(text).some((line) => !line.startsWith('-') && !line.includes('--hash='));
}

/** The first line of a compiled lock: the digest of the requirements that it was compiled from, without comments. */
export function compiledHeader(requirements: string): string {
  return `# Compiled by modelops-bundle from ${REQUIREMENTS} ${sha256Hex(requirementLines(requirements).join('\n'))}\n`;
}

/** Lines without comments, joined with their continuation lines. */
function requirementLines(text: string): string[] {
  const lines = text.replace(/\\\r?\n/g, ' ').split(/\r?\n/);
  return lines
    .map((line) =>
      line
        .replace(/(^|\s)#.*$/, '')
        .trim()
        .replace(/\s+/g, ' '),
    )
    .filter((line) => line !== '');
}

/** Whether a project uses the active interpreter, or a bundle was pushed from one that did. */
export function isActivePython(dir: string): boolean {
  return readIfPresent(join(dir, PYTHON_CHOICE))?.toString('utf8').trim() === 'active' || existsSync(join(dir, ACTIVE_LOCK));
}

function readIfPresent(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
