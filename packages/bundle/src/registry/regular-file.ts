import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { formatCount, ModelOpsError } from '@modelops/contracts';

/**
 * Opens a file of a shared folder for reading: never through a link, never a device or a FIFO (which would block), never more than `maxBytes`.
 * @returns undefined if the file does not exist. @throws REGISTRY_REFUSED unless it is a regular file of at most `maxBytes`
 */
export async function openRegular(
  path: string,
  maxBytes: number,
): Promise<{ readonly file: FileHandle; readonly size: number } | undefined> {
  const refused = (reason: string) =>
    new ModelOpsError('REGISTRY_REFUSED', `${path} ${reason}`, { hint: 'remove it from the registry folder, then push the bundle again' });
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error.code === 'ELOOP' || error.code === 'ENXIO' ? refused('is not a regular file') : error;
  });
  if (file === undefined) return undefined;
  const found = await file.stat();
  if (found.isFile() && found.size <= maxBytes) return { file, size: found.size };
  await file.close();
  throw refused(
    found.isFile() ? `has ${formatCount(found.size)} bytes, more than the expected ${formatCount(maxBytes)}` : 'is not a regular file',
  );
}

/** The bytes of a regular file of at most `maxBytes`. @returns undefined if the file does not exist. @throws as {@link openRegular} */
export async function readWhole(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const opened = await openRegular(path, maxBytes);
  if (opened === undefined) return undefined;
  try {
    return await opened.file.readFile();
  } finally {
    await opened.file.close();
  }
}
