/** The code of a system error, such as `ENOENT`; undefined for other errors. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** True for the error of a path that does not exist, or that has a file where a folder is needed. */
export function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EFBIG', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']);

/** True for the error of a path that cannot be written until the user acts: permissions, a full or read-only disk, a file where a folder is needed. */
export function isUnwritable(error: unknown): boolean {
  return REFUSED.has(codeOf(error) ?? '');
}
