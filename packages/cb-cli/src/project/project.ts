import { existsSync, readdirSync, statSync } from 'node:fs';
import { findProject } from '@modelops/model-host';

/** The folder that a study's names are relative to, and the working folder. */
export interface Project {
  readonly root: string;
  readonly cwd: string;
  /** Whether an absolute path is a file. */
  hasFile(path: string): boolean;
  /** The names in a folder (absolute path); none if it does not exist. */
  list(folder: string): readonly string[];
}

/** The project that contains the working folder. */
export function openProject(cwd: string): Project {
  return { root: findProject(cwd).root, cwd, hasFile, list };
}

function hasFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function list(folder: string): readonly string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
}
