import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BundleEnvironment, type BundleManifest, ModelOpsError, parseRepository } from '@modelops/contracts';
import { ACTIVE_LOCK, BUNDLE_CONFIG, findProject, PYTHON_CHOICE, readWheels, WHEEL_PLATFORMS, WHEELS_INDEX } from '@modelops/model-host';
import { writeFileAtomically } from '@modelops/system';
import { ENV, FOLDER } from './project-environment.ts';
import {
  type BundleConfig,
  bundleConfigSchema,
  type FreezeWheels,
  type ProjectRegistry,
  projectRegistrySchema,
  wheelTargetSchema,
} from './schemas.ts';
import { readYaml, writeYaml } from './yaml-file.ts';

const CONFIG = BUNDLE_CONFIG;
const REGISTRY = `${FOLDER}/registry.yaml`;
const IGNORE = '.modelopsignore';

const DEFAULT_IGNORES = `# Files to exclude from bundles, in the syntax of .gitignore.
node_modules/
.git/
dist/
out/
results/
*.log
`;

export const PYTHON_CHOICES = ['active', 'lock'] as const;
export type PythonChoice = (typeof PYTHON_CHOICES)[number];

export interface Project {
  readonly config: BundleConfig;
  readonly registry: ProjectRegistry;
}

/** The bundle project that contains `from`. @throws PROJECT_NOT_FOUND */
export function findBundleProject(from: string): string {
  const { root, isBundle } = findProject(from);
  if (isBundle) return root;
  throw new ModelOpsError('PROJECT_NOT_FOUND', `no bundle project found in ${from} or above`, {
    hint: 'modelops-bundle init NAME creates one here',
  });
}

/** @throws CONFIG_INVALID naming the file and every problem */
export async function loadProject(dir: string): Promise<Project> {
  return {
    config: await readYaml(join(dir, CONFIG), bundleConfigSchema),
    registry: existsSync(join(dir, REGISTRY))
      ? await readYaml(join(dir, REGISTRY), projectRegistrySchema)
      : projectRegistrySchema.parse({}),
  };
}

/** Makes `dir` a bundle project named `name`, which may contain slashes. Repeated with the same name, it changes nothing (`is_new` is false). @throws IDENTITY_INVALID, CONFLICT if it has another name */
export async function initProject(dir: string, name: string, { environment, registry, storage }: BundleEnvironment) {
  const { host } = parseRepository(name);
  if (host !== undefined)
    throw new ModelOpsError('IDENTITY_INVALID', `"${name}" contains a registry`, {
      hint: `use only the project's name, e.g. ${name.slice(host.length + 1)}; the registry is set in the environment`,
    });
  const registry_ref = `${registryHost(registry)}/${name}`;
  const report = { dir, registry_ref, environment, is_new: !existsSync(join(dir, CONFIG)) };
  if (!report.is_new) {
    const held = (await loadProject(dir)).config.registry_ref;
    if (held !== registry_ref)
      throw new ModelOpsError('CONFLICT', `${dir} is already the bundle project ${held}`, {
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
  await writeFileAtomically(join(dir, ENV), `${environment}\n`);
  if (!existsSync(join(dir, IGNORE))) await writeFileAtomically(join(dir, IGNORE), DEFAULT_IGNORES);
  return report;
}

/** The registry's part of a repository's name: its host, or `local` for the embedded one. @throws CONFIG_INVALID */
export function registryHost({ provider, login_server }: BundleEnvironment['registry']): string {
  if (provider === 'oci-layout') return 'local';
  if (parseRepository(`${login_server}/x`).host === login_server) return login_server;
  throw new ModelOpsError('CONFIG_INVALID', `invalid registry.login_server ${login_server}: expected a host`, {
    hint: 'a host has a dot or a port, as in registry.example or registry:5000',
  });
}

export async function saveConfig(dir: string, config: BundleConfig): Promise<void> {
  await writeYaml(join(dir, CONFIG), config);
}

/** Sets whether a project's Python models use the active interpreter or the packages of its lock. */
export async function choosePython(dir: string, choice: PythonChoice): Promise<void> {
  if (choice === 'active') await writeFileAtomically(join(dir, PYTHON_CHOICE), `${choice}\n`);
  else await rm(join(dir, PYTHON_CHOICE), { force: true });
}

/** Runs `action` with a choice of {@link choosePython}, which is kept if it succeeds; undefined leaves the project's own. */
export async function withPython<T>(dir: string, choice: PythonChoice | undefined, action: () => Promise<T>): Promise<T> {
  if (choice === undefined) return action();
  const held = existsSync(join(dir, PYTHON_CHOICE)) ? 'active' : 'lock';
  await choosePython(dir, choice);
  try {
    return await action();
  } catch (error) {
    await choosePython(dir, held);
    throw error;
  }
}

export async function saveRegistry(dir: string, registry: ProjectRegistry): Promise<void> {
  await writeYaml(join(dir, REGISTRY), { models: registry.models, targets: registry.targets, ...targetSetsOf(registry) });
}

/** The target sets of a registry and their weights, if any. */
export function targetSetsOf({
  target_sets,
  target_set_weights,
}: Pick<ProjectRegistry, 'target_sets' | 'target_set_weights'>): Pick<BundleManifest, 'target_sets' | 'target_set_weights'> {
  return {
    ...(Object.keys(target_sets).length === 0 ? {} : { target_sets }),
    ...(Object.keys(target_set_weights).length === 0 ? {} : { target_set_weights }),
  };
}

/** Freezes the wheels of a pulled bundle again for the Python that they are for. */
function frozenFor(dir: string): FreezeWheels {
  const wheels = readWheels(dir);
  const platform = Object.entries(WHEEL_PLATFORMS).find(([, platform]) => platform === wheels?.platform)?.[0];
  return wheelTargetSchema.safeParse({ platform, python: wheels?.python }).data ?? true;
}

/** Makes the folder of a pulled bundle a project that can be pushed. Existing files are kept. */
export async function adoptBundle(
  dir: string,
  registryRef: string,
  { models, targets, target_sets = {}, target_set_weights = {}, files }: BundleManifest,
): Promise<void> {
  const has = (path: string) => files.some((file) => file.path === path);
  if (!existsSync(join(dir, CONFIG))) {
    await saveConfig(dir, {
      registry_ref: registryRef,
      default_tag: 'latest',
      ...(has(WHEELS_INDEX) ? { freeze_wheels: frozenFor(dir) } : {}),
    });
    if (has(ACTIVE_LOCK)) await choosePython(dir, 'active');
  }
  if (existsSync(join(dir, REGISTRY))) return;
  await saveRegistry(dir, {
    models: models.map(({ source, data, description }) => ({ source, data, description })),
    targets: targets.map(({ source, description }) => ({ source, description })),
    target_sets,
    target_set_weights,
  });
}
