import { registryHost } from '@modelops/bundle';
import { type BundleEnvironment, parseRepository, type RegisteredModel, type RegisteredTarget } from '@modelops/contracts';
import { ACTIVE_LOCK } from '@modelops/model-host';
import { type Finding, failed } from './finding.ts';

/**
 * Checks that the project is pushed to the registry of the environment: workers fetch `<registry>/<project>`, and `registry_ref` is where the
 * project is pushed (seed document 002).
 */
export function checkProject(
  registryRef: string,
  { environment, registry }: Pick<BundleEnvironment, 'environment' | 'registry'>,
): Finding[] {
  const { host, name } = parseRepository(registryRef);
  const expected = registryHost(registry);
  if (host === expected) return [];
  const message = `the project is pushed to ${registryRef}, and the registry of environment ${environment} is ${expected}`;
  const fix = `use --env with the environment of this project, or set registry_ref: ${expected}/${name}`;
  return [failed('.modelops-bundle/config.yaml: registry_ref', message, fix)];
}

/** Checks that workers can install the packages of the model and its targets: a cluster does not have those of the active interpreter. */
export function checkPackages(
  registered: readonly Pick<RegisteredModel | RegisteredTarget, 'source' | 'lock'>[],
  { environment, cluster }: Pick<BundleEnvironment, 'environment' | 'cluster'>,
): Finding[] {
  const active = cluster === undefined ? undefined : registered.find(({ lock }) => lock === ACTIVE_LOCK);
  if (active === undefined) return [];
  const message = `its packages are those of the active interpreter on the machine that pushed it, and environment ${environment} is a cluster`;
  return [failed(active.source, message, 'list the packages in requirements.txt or uv.lock, then modelops-bundle push --python lock')];
}
