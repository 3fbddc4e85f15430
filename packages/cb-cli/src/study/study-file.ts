import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import { codeOf, createFileAtomically, isAbsent, writeFileAtomically } from '@modelops/system';

/** Writes the files of `cb`. */
export interface StudyFiles {
  /** Writes nothing. @throws CONFLICT if the file exists and may not be overwritten, FILE_NOT_FOUND if its folder does not exist */
  check(path: string, options: { readonly isForced: boolean }): Promise<void>;
  /** Writes the file atomically. @throws INTERRUPTED, and the errors of {@link check} */
  write(
    path: string,
    pieces: Iterable<string | Uint8Array>,
    options: { readonly isForced: boolean; readonly signal?: AbortSignal },
  ): Promise<void>;
}

export const studyFiles: StudyFiles = { check, write };

async function check(path: string, { isForced }: { readonly isForced: boolean }): Promise<void> {
  const existing = await statOf(path);
  if (existing?.isDirectory()) throw new ModelOpsError('CONFLICT', `${path} is a folder`, { hint: `--output ${join(path, 'study.json')}` });
  if (existing !== undefined && !isForced) throw alreadyExists(path);
  if (!(await statOf(dirname(path)))?.isDirectory()) {
    throw new ModelOpsError('FILE_NOT_FOUND', `cannot write ${basename(path)}: folder ${dirname(path)} not found`, {
      hint: `mkdir -p ${dirname(path)}`,
    });
  }
}

async function write(
  path: string,
  pieces: Iterable<string | Uint8Array>,
  { isForced, signal }: { readonly isForced: boolean; readonly signal?: AbortSignal },
): Promise<void> {
  await check(path, { isForced });
  const write = isForced ? writeFileAtomically : createFileAtomically;
  try {
    await write(path, pieces, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.aborted === true && error === signal.reason ? new ModelOpsError('INTERRUPTED', 'interrupted') : translate(error, path);
  }
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw translate(error, path);
  }
}

function translate(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === 'EEXIST') return alreadyExists(path);
  if (code === undefined || !['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(code)) return error;
  return new ModelOpsError('STORE_UNWRITABLE', `cannot write ${path} (${code})`, { cause: error, hint: 'choose another --output' });
}

function alreadyExists(path: string): ModelOpsError {
  return new ModelOpsError('CONFLICT', `${path} already exists`, { hint: 'overwrite it with --force' });
}
