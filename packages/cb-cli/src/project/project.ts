import { findProject } from '@modelops/model-host';

/** The folder that a study's names are relative to, and the working folder. */
export interface Project {
  readonly root: string;
  readonly cwd: string;
}

/** The project that contains the working folder. */
export function openProject(cwd: string): Project {
  return { root: findProject(cwd).root, cwd };
}
