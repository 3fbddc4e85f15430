import { realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import { type FileContent, placeFile, temporaryName, writeFileAtomically, writePieces } from './atomic-file.ts';
import { codeOf, isAbsent } from './errno.ts';
import { removeOnExit } from './temporary-file.ts';

/** How a program writes a file that a user named. */
export interface OutputOptions {
  /** Replaces an existing regular file. Nothing else is ever replaced. */
  readonly isForced: boolean;
  /** Stops the writing between two pieces. */
  readonly signal?: AbortSignal;
}

/**
 * Writes nothing. Returns the path without links, undefined for a file that does not exist. @throws CONFLICT for a folder, a device, a pipe or a socket,
 * forced or not, and for an existing file that is not forced; FILE_NOT_FOUND if its folder does not exist; STORE_UNWRITABLE
 */
export async function checkOutputFile(path: string, { isForced }: Pick<OutputOptions, 'isForced'>): Promise<string | undefined> {
  try {
    const existing = await statOf(path);
    if (existing?.isDirectory())
      throw new ModelOpsError('CONFLICT', `${path} is a folder, not a file`, { hint: 'choose a file in this folder' });
    if (existing !== undefined && !existing.isFile())
      throw new ModelOpsError('CONFLICT', `${path} is a ${kindOf(existing)}, not a regular file`, { hint: 'choose another file' });
    if (existing !== undefined && !isForced) throw alreadyExists(path);
    if (existing !== undefined) return await realpath(path);
    if ((await statOf(dirname(path)))?.isDirectory()) return undefined;
  } catch (error) {
    throw unwritable(error, path);
  }
  throw new ModelOpsError('FILE_NOT_FOUND', `cannot write ${basename(path)}: folder ${dirname(path)} not found`, {
    hint: `mkdir -p ${dirname(path)}`,
  });
}

/** Writes the file in one step. @throws INTERRUPTED, and the errors of {@link checkOutputFile} */
export async function writeOutputFile(path: string, content: FileContent, options: OutputOptions): Promise<void> {
  await makeOutputFile(path, options, (temporary) => writePieces(temporary, content, options));
}

/** Replaces files in a folder, which is created if it does not exist, each in one step. @throws STORE_UNWRITABLE */
export async function writeOutputFiles(dir: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
  try {
    for (const [name, content] of files) await writeFileAtomically(join(dir, name), content, { sync: false });
  } catch (cause) {
    const code = codeOf(cause);
    if (code === undefined) throw cause;
    throw new ModelOpsError('STORE_UNWRITABLE', `cannot write ${dir} (${code})`, {
      cause,
      hint: `check that ${dirname(dir)} is a folder with write permission`,
    });
  }
}

/**
 * Writes the file in one step: `make` creates a temporary file beside it, which then gets its name. A link is followed, and stays. On failure, and
 * when the process exits early, the old file stays and the temporary one is removed. @throws as {@link writeOutputFile} does, and what `make` throws
 */
export async function makeOutputFile<T>(path: string, options: OutputOptions, make: (temporary: string) => Promise<T>): Promise<T> {
  const existing = await checkOutputFile(path, options);
  const temporary = temporaryName(existing ?? path);
  const isPlaced = removeOnExit(temporary);
  try {
    const made = await make(temporary);
    await placeFile(temporary, existing ?? path, { isNew: !options.isForced });
    return made;
  } catch (error) {
    if (options.signal?.aborted && error === options.signal.reason) throw new ModelOpsError('INTERRUPTED', 'interrupted');
    throw unwritable(error, path);
  } finally {
    isPlaced();
    await rm(temporary, { force: true });
  }
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function kindOf(found: NonNullable<Awaited<ReturnType<typeof statOf>>>): string {
  if (found.isFIFO()) return 'pipe';
  return found.isSocket() ? 'socket' : 'device';
}

function unwritable(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === 'EEXIST') return alreadyExists(path);
  if (error instanceof ModelOpsError || code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  return new ModelOpsError('STORE_UNWRITABLE', `cannot write ${path} (${code})`, {
    cause: error,
    hint: `check free space and the permissions of ${join(dirname(path), '/')}, or choose another file`,
  });
}

function alreadyExists(path: string): ModelOpsError {
  return new ModelOpsError('CONFLICT', `${path} already exists`, { hint: 'overwrite it with --force' });
}
