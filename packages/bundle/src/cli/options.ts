import { parseRepository } from '@modelops/contracts';
import * as z from 'zod';
import type { BundleDeps } from '../deps.ts';
import { ownFolders } from '../project/environments.ts';
import { findBundleProject, loadProject, PYTHON_CHOICES } from '../project/project.ts';
import { openBundleProvider } from '../registry/open-bundle-provider.ts';

/** The command that registers a model, for hints. */
export const REGISTER = 'modelops-bundle register-model models/NAME.py (or models/NAME.ts)';

export const envOption = z
  .string()
  .optional()
  .describe('Environment (default: the project’s, otherwise local)')
  .meta({ placeholder: 'NAME' });

export const pythonOption = z
  .enum(PYTHON_CHOICES)
  .optional()
  .describe('Packages of Python models: from the project’s lock, or installed in the active interpreter; saved for later commands')
  .meta({ placeholder: 'CHOICE' });

/**
 * The project at the working directory, the repository of its bundles (without the registry's host), and the folders that are `never` in one.
 * @throws PROJECT_NOT_FOUND, CONFIG_INVALID, ENVIRONMENT_NOT_FOUND
 */
export async function openProject({ cwd, home, environment }: BundleDeps, env: string | undefined) {
  const dir = findBundleProject(cwd);
  const project = await loadProject(dir);
  const opened = await environment(env);
  const { environment: name, registry } = opened;
  const repository = parseRepository(project.config.registry_ref).name;
  return { ...project, dir, repository, environment: name, never: ownFolders(home, opened), provider: await openBundleProvider(registry) };
}
