import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BundleEnvironment, ModelOpsError, parseRepository, parseValue } from '@modelops/contracts';
import type { z } from 'zod';
import { type BundleConfig, bundleConfigSchema, type ProjectRegistry, projectRegistrySchema } from './schemas.ts';

export const FOLDER = '.modelops-bundle';
const CONFIG = `${FOLDER}/config.yaml`;
const REGISTRY = `${FOLDER}/registry.yaml`;
const ENV = `${FOLDER}/env`;
const IGNORE = '.modelopsignore';

const DEFAULT_IGNORES = `# What is not part of the bundle, by gitignore's rules.
node_modules/
.git/
dist/
out/
results/
*.log
`;

export interface Project {
  readonly config: BundleConfig;
  readonly registry: ProjectRegistry;
}

/** The nearest folder at or above `from` that has a bundle project. @throws PROJECT_NOT_FOUND */
export async function findProject(from: string): Promise<string> {
  for (let dir = from; ; dir = dirname(dir)) {
    if (existsSync(join(dir, CONFIG))) return dir;
    if (dir === dirname(dir))
      throw new ModelOpsError('PROJECT_NOT_FOUND', `there is no bundle project in ${from} or above`, {
        hint: 'modelops-bundle init NAME makes one here',
      });
  }
}

/** @throws CONFIG_INVALID naming the file and every problem */
export async function loadProject(dir: string): Promise<Project> {
  return {
    config: await readYaml(join(dir, CONFIG), bundleConfigSchema),
    registry: existsSync(join(dir, REGISTRY)) ? await readYaml(join(dir, REGISTRY), projectRegistrySchema) : { models: [], targets: [] },
  };
}

/** The environment that a project names, or undefined. */
export async function projectEnvironment(from: string): Promise<string | undefined> {
  try {
    return (await readFile(join(await findProject(from), ENV), 'utf8')).trim() || undefined;
  } catch {
    return undefined; // no project, or none named in it
  }
}

export interface InitReport {
  readonly dir: string;
  readonly registry_ref: string;
  readonly environment: string;
  /** False when the project was there with this name already. */
  readonly isNew: boolean;
}

/** Makes `dir` a bundle project named `name`, nested names included. Again with the same name it changes nothing. @throws IDENTITY_INVALID, CONFLICT when it has another name */
export async function initProject(dir: string, name: string, { environment, registry, storage }: BundleEnvironment): Promise<InitReport> {
  const { host } = parseRepository(name);
  if (host !== undefined)
    throw new ModelOpsError('IDENTITY_INVALID', `"${name}" names a registry`, {
      hint: `the registry comes from the environment; name the project alone, e.g. ${name.slice(host.length + 1)}`,
    });
  const registry_ref = `${registry.login_server}/${name}`;
  const report = { dir, registry_ref, environment, isNew: !existsSync(join(dir, CONFIG)) };
  if (!report.isNew) {
    const held = (await loadProject(dir)).config.registry_ref;
    if (held !== registry_ref)
      throw new ModelOpsError('CONFLICT', `${dir} is the bundle project ${held} already`, {
        hint: `edit registry_ref in ${CONFIG} to rename it`,
      });
    return report;
  }
  const config: BundleConfig = {
    registry_ref,
    default_tag: 'latest',
    storage: { provider: storage.provider, ...(storage.container === undefined ? {} : { container: storage.container }) },
  };
  await writeYaml(join(dir, CONFIG), config);
  await writeAside(join(dir, ENV), `${environment}\n`);
  if (!existsSync(join(dir, IGNORE))) await writeAside(join(dir, IGNORE), DEFAULT_IGNORES);
  return report;
}

export async function saveRegistry(dir: string, registry: ProjectRegistry): Promise<void> {
  await writeYaml(join(dir, REGISTRY), registry);
}

async function readYaml<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  const { parse } = await import('yaml');
  const text = await readFile(file, 'utf8');
  try {
    return parseValue(parse(text), schema, { source: file, code: 'CONFIG_INVALID' });
  } catch (error) {
    if (error instanceof ModelOpsError) throw error;
    throw new ModelOpsError('CONFIG_INVALID', `${file} is not valid YAML: ${(error as Error).message.split('\n')[0]}`, { cause: error });
  }
}

async function writeYaml(file: string, value: unknown): Promise<void> {
  const { stringify } = await import('yaml');
  await writeAside(file, stringify(value));
}

async function writeAside(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.${process.pid}`, text);
  await rename(`${file}.${process.pid}`, file);
}
