import { registryHost } from '@modelops/bundle';
import { type BundleEnvironment, parseRepository } from '@modelops/contracts';
import type { Finding } from './finding.ts';

/**
 * Whether the project belongs to the registry of the environment: workers fetch `<registry>/<project>`, which is where `registry_ref` says that
 * this project is pushed (seed document 002).
 */
export function checkProject(
  registryRef: string,
  { environment, registry }: Pick<BundleEnvironment, 'environment' | 'registry'>,
): Finding[] {
  const { host, name } = parseRepository(registryRef);
  const expected = registryHost(registry);
  if (host === expected) return [];
  return [
    {
      code: 'PREFLIGHT_FAILED',
      path: '.modelops-bundle/config.yaml: registry_ref',
      message: `the project is pushed to ${registryRef}, and the registry of environment ${environment} is ${expected}`,
      fix: `--env with the environment of this project, or registry_ref: ${expected}/${name}`,
    },
  ];
}
