import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BundleEnvironment, bundleEnvironmentSchema, localEnvironment, ModelOpsError, parseValue } from '@modelops/contracts';
import { yamlValue } from '@modelops/model-host';
import { modelopsHome } from '@modelops/system';

export interface WorkerEnvironment {
  readonly environment: BundleEnvironment;
  readonly cacheDir: string;
}

/**
 * The environment of a worker: the file that `MODELOPS_ENVIRONMENT_FILE` names (in a pod, a copy of a Secret), else the local environment
 * under `MODELOPS_HOME`. @throws ENVIRONMENT_NOT_FOUND, CONFIG_INVALID
 */
export async function readWorkerEnvironment(env: Readonly<Record<string, string | undefined>>): Promise<WorkerEnvironment> {
  const home = modelopsHome(env, process.cwd());
  const cacheDir = env.MODELOPS_CACHE ?? `${home}/cache`;
  const file = env.MODELOPS_ENVIRONMENT_FILE;
  return { environment: file === undefined ? localEnvironment(home) : await readEnvironmentFile(file), cacheDir };
}

async function readEnvironmentFile(file: string): Promise<BundleEnvironment> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ModelOpsError('ENVIRONMENT_NOT_FOUND', `cannot read ${file}`, {
      cause,
      hint: 'set MODELOPS_ENVIRONMENT_FILE to an environment file',
    });
  });
  const context = { source: file, code: 'CONFIG_INVALID' } as const;
  return parseValue(await yamlValue(text, context), bundleEnvironmentSchema, context);
}

/**
 * Deletes every file in `MODELOPS_SECRETS_DIR`, if set: a folder that holds this worker's secrets only. Call it after the stores are open and the
 * bundle is pulled, and before any model code runs, because models run as the worker's user.
 */
export async function removeSecrets({ MODELOPS_SECRETS_DIR: dir }: Readonly<Record<string, string | undefined>>): Promise<void> {
  if (dir === undefined) return;
  for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true });
}
