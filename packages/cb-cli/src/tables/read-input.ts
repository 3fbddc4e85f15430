import { readFile } from 'node:fs/promises';
import { ModelOpsError, messageOf } from '@modelops/contracts';

/** The bytes of a file that the user named. @throws FILE_NOT_FOUND for any file that cannot be read */
export async function readInput(path: string, name = path): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ModelOpsError('FILE_NOT_FOUND', `cannot read ${name}: ${messageOf(cause)}`, { cause });
  }
}
