import { existsSync, readdirSync, statSync } from 'node:fs';
import { findProject } from '@modelops/model-host';

/** The folder that a study's names are relative to, and the one that a person typed in. */
export interface Project {
  readonly root: string;
  readonly cwd: string;
  /** True for a file, by its absolute path. */
  hasFile(path: string): boolean;
  /** Names in a folder, by its absolute path; none when it does not exist. */
  list(folder: string): readonly string[];
}

/** The project that a person works in. */
export function openProject(cwd: string): Project {
  return { root: findProject(cwd).root, cwd, hasFile, list };
}

function hasFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function list(folder: string): readonly string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
}
