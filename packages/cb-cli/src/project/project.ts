import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';

/** The folder that a study's names are relative to, and the one that a person typed in. */
export interface Project {
  readonly root: string;
  readonly cwd: string;
  /** True for a file, by its absolute path. */
  hasFile(path: string): boolean;
  /** Names in a folder, by its absolute path; none when it does not exist. */
  list(folder: string): readonly string[];
}

/** The nearest folder from `cwd` upwards with `.modelops-bundle/` or `package.json`; `cwd` itself where there is none. */
export function findProject(cwd: string): Project {
  const { root: top } = parse(cwd);
  let root = cwd;
  while (!isProject(root) && root !== top) root = dirname(root);
  return { root: isProject(root) ? root : cwd, cwd, hasFile, list };
}

function isProject(folder: string): boolean {
  return isFolder(join(folder, '.modelops-bundle')) || hasFile(join(folder, 'package.json'));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function hasFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function list(folder: string): readonly string[] {
  return isFolder(folder) ? readdirSync(folder) : [];
}
