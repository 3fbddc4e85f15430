import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isFile } from '@modelops/system';

/** The folder that the names of models and targets are relative to. */
export interface ProjectFolder {
  readonly root: string;
  /** True if `modelops-bundle init` made it a bundle project. */
  readonly isBundle: boolean;
}

/** Marks a bundle project. */
export const BUNDLE_CONFIG = '.modelops-bundle/config.yaml';
/** Mark the root of a project that is not a bundle project yet. */
const PACKAGE_FILES = ['package.json', 'pyproject.toml'];

/**
 * The project that contains `from`: the nearest bundle project at or above it, even from a nested package; otherwise the nearest folder with a
 * package file; otherwise `from` itself.
 */
export function findProject(from: string): ProjectFolder {
  const folders = ancestors(from);
  const bundle = folders.find((folder) => existsSync(join(folder, BUNDLE_CONFIG)));
  if (bundle !== undefined) return { root: bundle, isBundle: true };
  const root = folders.find((folder) => PACKAGE_FILES.some((file) => isFile(join(folder, file))));
  return { root: root ?? from, isBundle: false };
}

function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}
