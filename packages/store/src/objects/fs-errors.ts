import { ModelOpsError } from '@modelops/contracts';
import { codeOf } from '@modelops/system';

const UNWRITABLE: Readonly<Record<string, string>> = {
  EACCES: 'does not permit this',
  EPERM: 'does not permit this',
  EROFS: 'is read-only',
  ENOSPC: 'is full',
  EDQUOT: 'is over its quota',
  EFBIG: 'does not accept a file of this size',
  ENOTDIR: 'has a file where a folder is needed',
  EEXIST: 'has a file where a folder is needed',
  EISDIR: 'has a folder where a file is needed',
  ENAMETOOLONG: 'is in a folder whose name is too long',
  ENOTSUP: 'is on a file system without hard links',
};

/** Translates an error of the file system: STORE_UNWRITABLE if the user must act, STORE_UNREACHABLE if waiting may help. */
export function translateFsError(error: unknown, root: string, key: string): unknown {
  const code = codeOf(error);
  if (code === undefined || error instanceof ModelOpsError) return error;
  const what = UNWRITABLE[code];
  if (what !== undefined)
    return new ModelOpsError('STORE_UNWRITABLE', `the store ${root} ${what}: ${key}`, {
      cause: error,
      hint: 'check free space and the permissions of this folder, or choose another one; MODELOPS_HOME moves that of the local environment',
    });
  return new ModelOpsError('STORE_UNREACHABLE', `the store ${root} does not respond: ${key}: ${code}`, { cause: error });
}
