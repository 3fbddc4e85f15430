import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from './errno.ts';
import { withFolder } from './temporary-file.ts';

export type FileContent = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

export interface WriteOptions {
  /** Default: 0o644. */
  readonly mode?: number;
  /** Whether the bytes are synced to the disk before the file gets its name. Default: true; false for files that can be made again, such as a cache. */
  readonly sync?: boolean;
  /** Stops the writing between two pieces with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Writes a file, or replaces it, in one step: readers see the old file or the new one, never a part, and an error leaves the old one. Makes
 * the folder. (write-file-atomic writes one buffer and cannot create without replacing.)
 */
export async function writeFileAtomically(path: string, content: FileContent, options: WriteOptions = {}): Promise<void> {
  await writeBeside(path, content, options, false);
}

/** Writes a new file in one step. @throws EEXIST if the file exists, even if it was created meanwhile; it is not changed */
export async function createFileAtomically(path: string, content: FileContent, options: WriteOptions = {}): Promise<void> {
  await writeBeside(path, content, options, true);
}

/** The synchronous {@link writeFileAtomically}, without a sync to the disk. The folder must exist. */
export function writeFileAtomicallySync(path: string, content: string | Uint8Array): void {
  const temporary = temporaryName(path);
  try {
    writeFileSync(temporary, content, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

async function writeBeside(path: string, content: FileContent, options: WriteOptions, isNew: boolean): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await withFolder(dirname(path), () => writePieces(temporary, content, options));
    await placeFile(temporary, path, { isNew });
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Writes a new file, piece by piece; what is written remains if a piece fails. @throws EEXIST, and the signal's reason */
export async function writePieces(path: string, content: FileContent, { mode = 0o644, sync = true, signal }: WriteOptions): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    for await (const piece of typeof content === 'string' || content instanceof Uint8Array ? [content] : content) {
      signal?.throwIfAborted();
      await file.writeFile(piece);
    }
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives a complete temporary file its name; it replaces a file there unless it has to be new. @throws EEXIST */
export async function placeFile(temporary: string, path: string, { isNew }: { readonly isNew: boolean }): Promise<void> {
  await (isNew ? nameNew(temporary, path) : rename(temporary, path));
}

/** A link never replaces a file, which a rename does. */
async function nameNew(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error) ?? '')) throw error;
    // A file system without hard links.
    await (await open(path, 'wx')).close();
    await rename(temporary, path);
  }
}

/** A new name in the same folder, since a rename does not leave a file system. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}`);
}
