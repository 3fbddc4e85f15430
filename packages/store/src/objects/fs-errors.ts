import { ModelOpsError } from '@modelops/contracts';

const UNWRITABLE: Readonly<Record<string, string>> = {
  EACCES: 'may not be written',
  EPERM: 'may not be written',
  EROFS: 'is read-only',
  ENOSPC: 'is full',
  EDQUOT: 'is over its quota',
  ENOTDIR: 'has a file where a folder is needed',
  EISDIR: 'has a folder where a file is needed',
};

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** A file system's error as one of ours: STORE_UNWRITABLE where a person must act, STORE_UNREACHABLE where waiting may help. */
export function translateFsError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  if (code === 'ENAMETOOLONG')
    return new ModelOpsError('VALUE_INVALID', `the file system takes no name as long as one of ${path}`, { cause: error });
  const what = UNWRITABLE[code];
  if (what !== undefined)
    return new ModelOpsError('STORE_UNWRITABLE', `the store ${what}: ${path}`, { cause: error, hint: 'choose another folder, or free it' });
  return new ModelOpsError('STORE_UNREACHABLE', `the store does not answer: ${path}: ${code}`, { cause: error });
}
