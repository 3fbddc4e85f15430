import { randomBytes } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';

/** Where a study is written to. */
export interface StudyFiles {
  /** @throws CONFLICT when the file exists and may not be replaced, FILE_NOT_FOUND when its folder does not. Writes nothing. */
  check(path: string, options: { readonly isForced: boolean }): Promise<void>;
  /**
   * Writes the pieces aside and then gives them the name, so that no reader sees half a file. @throws as {@link check} does.
   */
  write(path: string, pieces: Iterable<string>, options: { readonly isForced: boolean; readonly signal?: AbortSignal }): Promise<void>;
}

export const studyFiles: StudyFiles = { check, write };

async function check(path: string, { isForced }: { readonly isForced: boolean }): Promise<void> {
  const existing = await statOf(path);
  if (existing?.isDirectory()) throw new ModelOpsError('CONFLICT', `${path} is a folder`, { hint: `--output ${join(path, 'study.json')}` });
  if (existing !== undefined && !isForced) throw alreadyThere(path);
  if (!(await statOf(dirname(path)))?.isDirectory()) {
    throw new ModelOpsError('FILE_NOT_FOUND', `no folder ${dirname(path)} to write ${basename(path)} into`, {
      hint: `mkdir -p ${dirname(path)}`,
    });
  }
}

async function write(
  path: string,
  pieces: Iterable<string>,
  { isForced, signal }: { readonly isForced: boolean; readonly signal?: AbortSignal },
): Promise<void> {
  await check(path, { isForced });
  const aside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    await writePieces(aside, pieces, signal);
    if (isForced) await rename(aside, path);
    else await claimName(aside, path);
  } catch (error) {
    throw translate(error, path);
  } finally {
    await rm(aside, { force: true });
  }
}

/** Names the file without replacing what another process wrote in between, which a rename alone would. */
async function claimName(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    // A file system without hard links.
    await (await open(path, 'wx')).close();
    await rename(aside, path);
  }
}

async function writePieces(aside: string, pieces: Iterable<string>, signal: AbortSignal | undefined): Promise<void> {
  const file = await open(aside, 'wx');
  try {
    for (const piece of pieces) {
      if (signal?.aborted) throw new ModelOpsError('INTERRUPTED', 'interrupted');
      await file.writeFile(piece);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw translate(error, path);
  }
}

function translate(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return alreadyThere(path);
  if (code === undefined || !['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(code)) return error;
  return new ModelOpsError('STORE_UNWRITABLE', `cannot write ${path} (${code})`, { cause: error, hint: 'choose another --output' });
}

function alreadyThere(path: string): ModelOpsError {
  return new ModelOpsError('CONFLICT', `${path} exists already`, { hint: '--force replaces it' });
}
