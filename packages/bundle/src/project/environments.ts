import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type BundleEnvironment,
  bundleEnvironmentSchema,
  environmentDocument,
  localEnvironment,
  ModelOpsError,
  messageOf,
} from '@modelops/contracts';
import { codeOf } from '@modelops/system';
import { projectEnvironment } from './project-environment.ts';
import { parseYaml, writeYaml } from './yaml-file.ts';

/** The folders that our programs write to: never part of a bundle, even inside the project. */
export function ownFolders(home: string, { registry, storage }: Pick<BundleEnvironment, 'registry' | 'storage'>): string[] {
  return [home, registry.path, storage.path].filter((path) => path !== undefined).map((path) => resolve(path));
}

export interface FoundEnvironment {
  readonly environment: BundleEnvironment;
  /** Undefined for the `local` environment without a file. */
  readonly file: string | undefined;
}

type Where = { readonly home: string; readonly cwd: string };

/**
 * The named environment; without a name, that of the project at `cwd`, otherwise `local`, which exists without a file.
 * @throws ENVIRONMENT_NOT_FOUND listing the existing ones, CONFIG_INVALID
 */
export async function loadEnvironment(name: string | undefined, where: Where): Promise<BundleEnvironment> {
  return (await findEnvironment(name, where)).environment;
}

/** As {@link loadEnvironment}, with the environment's file, for other processes. */
export async function findEnvironment(name: string | undefined, { home, cwd }: Where): Promise<FoundEnvironment> {
  return environmentNamed(name ?? (await projectEnvironment(cwd)) ?? 'local', home);
}

/** @throws ENVIRONMENT_NOT_FOUND listing the existing ones, CONFIG_INVALID */
export async function environmentNamed(name: string, home: string): Promise<FoundEnvironment> {
  const written = await readEnvironment(name, home);
  if (written !== undefined) return { environment: written, file: fileOf(home, name) };
  if (name === 'local') return { environment: localEnvironment(home), file: undefined };
  throw new ModelOpsError('ENVIRONMENT_NOT_FOUND', `environment ${name} not found`, {
    hint: `use one of ${(await environmentNames(home)).join(', ')}, or create it: mops infra up --env ${name}`,
  });
}

/** The environment in a file; undefined if there is none. @throws CONFIG_INVALID, USAGE for an invalid name */
export async function readEnvironment(name: string, home: string): Promise<BundleEnvironment | undefined> {
  const file = fileOf(home, name);
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new ModelOpsError('CONFIG_INVALID', `cannot read ${file}: ${cause.message}`, { cause });
  });
  return text === undefined ? undefined : parseYaml(text, bundleEnvironmentSchema, file);
}

/** Writes an environment's file, readable only by its owner, because it may contain a connection string. */
export async function saveEnvironment(environment: BundleEnvironment, home: string): Promise<string> {
  const file = fileOf(home, environment.environment);
  await mkdir(join(home, 'bundle-env'), { recursive: true, mode: 0o700 });
  await writeYaml(file, environmentDocument(environment), 0o600);
  return file;
}

/** The environments with a file, and `local`, sorted. @throws CONFIG_INVALID if their folder cannot be read */
export async function environmentNames(home: string): Promise<string[]> {
  const folder = join(home, 'bundle-env');
  const files = await readdir(folder).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return [];
    throw new ModelOpsError('CONFIG_INVALID', `cannot list the environments in ${folder}: ${messageOf(cause)}`, { cause });
  });
  return [...new Set(['local', ...files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length))])].sort();
}

function fileOf(home: string, name: string): string {
  if (!/^[a-z0-9][a-z0-9_.-]{0,62}$/i.test(name))
    throw new ModelOpsError('USAGE', `invalid environment name "${name}"`, { hint: 'use letters, digits, - _ and .' });
  return join(home, 'bundle-env', `${name}.yaml`);
}
