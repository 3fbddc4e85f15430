import { ModelOpsError } from '@modelops/contracts';
import { codeOf } from '@modelops/system';

const UNWRITABLE: Readonly<Record<string, string>> = {
  EACCES: 'does not permit this',
  EPERM: 'does not permit this',
  EROFS: 'is read-only',
  ENOSPC: 'is full',
  EDQUOT: 'is over its quota',
  EFBIG: 'does not take a file so large',
  ENOTDIR: 'has a file where a folder is needed',
  EEXIST: 'has a file where a folder is needed',
  EISDIR: 'has a folder where a file is needed',
  ENAMETOOLONG: 'is in a folder whose name is too long',
  ENOTSUP: 'is on a file system without hard links',
};

/** A file system's error as one of ours: STORE_UNWRITABLE where a person must act, STORE_UNREACHABLE where waiting may help. */
export function translateFsError(error: unknown, root: string, key: string): unknown {
  const code = codeOf(error);
  if (code === undefined || error instanceof ModelOpsError) return error;
  const what = UNWRITABLE[code];
  if (what !== undefined)
    return new ModelOpsError('STORE_UNWRITABLE', `the store ${root} ${what}: ${key}`, {
      cause: error,
      hint: 'choose another folder, or free it',
    });
  return new ModelOpsError('STORE_UNREACHABLE', `the store ${root} does not answer: ${key}: ${code}`, { cause: error });
}
