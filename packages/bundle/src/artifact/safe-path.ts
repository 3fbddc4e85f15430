/** True for a path that names a file inside its folder on every system: relative, with `/`, without `..`, empty parts, NUL or back-slashes. */
export function isSafePath(path: string): boolean {
  return !/[\\\0]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Where the programs that push compiles stand in a bundle. */
export const PROGRAMS = '.modelops-bundle/compiled/';
/** Folders of tools, never part of a bundle: a file in one could run by itself (`.git/hooks`), or pass for what another tool wrote. */
export const TOOL_FOLDERS: readonly string[] = ['.git', '.modelops-bundle', 'node_modules'];

/** True for what a bundle may hold: a safe path in no tool's folder, but for compiled programs. Letter case does not hide one. */
export function isBundlePath(path: string): boolean {
  if (!isSafePath(path)) return false;
  const own = path.startsWith(PROGRAMS) ? path.slice(PROGRAMS.length) : path;
  return !own.split('/').some((part) => TOOL_FOLDERS.includes(part.toLowerCase()));
}
