import { WHEELS } from '@modelops/model-host';

/** The folder of compiled programs in a bundle. */
export const PROGRAMS = '.modelops-bundle/compiled/';
/** Folders of tools, never part of a bundle: a file in one could be executed (`.git/hooks`), or be mistaken for another tool's file. */
export const TOOL_FOLDERS: readonly string[] = ['.git', '.modelops-bundle', 'node_modules'];

/** Maximum length of a file name on ext4, APFS and NTFS, in bytes of UTF-8. */
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 1024;

/** Why a path cannot be in a bundle, as the end of a sentence; undefined for one that can. */
export function pathProblem(path: string): string | undefined {
  const problem = unsafePart(path);
  if (problem !== undefined) return problem;
  const folderOfOurs = [PROGRAMS, WHEELS].find((one) => path.startsWith(one)) ?? '';
  const own = path.slice(folderOfOurs.length);
  const folder = own.split('/').find((part) => isToolFolder(part));
  return folder === undefined ? undefined : `names the tool folder ${JSON.stringify(folder)}`;
}

/**
 * True for a name that some system treats as a tool's folder: Windows ignores case, trailing dots and spaces and everything after a colon, and has
 * short names (`GIT~1`); macOS ignores case and invisible characters.
 */
function isToolFolder(name: string): boolean {
  const plain = name
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/:.*$/s, '')
    .replace(/[. ]+$/, '')
    .toLowerCase();
  return TOOL_FOLDERS.includes(plain) || /^(git|modelo|node_m)~\d+$/.test(plain);
}

/** Paths are relative, with `/`, and every part is a file name on every system. */
function unsafePart(path: string): string | undefined {
  if (/[\p{Cc}\p{Cs}\ufffd]/u.test(path)) return 'contains a control character or broken Unicode';
  if (path.includes('\\')) return 'contains a backslash';
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'is not a relative path without "." and ".."';
  if (parts.some((part) => Buffer.byteLength(part) > MAX_NAME_BYTES)) return `has a name of more than ${MAX_NAME_BYTES} bytes`;
  return Buffer.byteLength(path) > MAX_PATH_BYTES ? `has more than ${MAX_PATH_BYTES} bytes` : undefined;
}
