import { type BundleEnvironment, ModelOpsError } from '@modelops/contracts';
import type { GivenProvider, UpOptions } from './options.ts';

export type Provider = 'local' | 'kubernetes';

/** Options of an environment with a cluster. */
const CLUSTER_OPTIONS = ['registryConfigFile', 'image', 'namespace', 'context', 'workers', 'cpu', 'memory', 'queue'] as const;

/** Where the jobs of an environment run. @throws USAGE if a given provider is not that of the environment */
export function providerOf(given: Provider | undefined, environment: BundleEnvironment): Provider {
  const actual = environment.cluster === undefined ? 'local' : 'kubernetes';
  if (given === undefined || given === actual) return actual;
  const has = environment.cluster === undefined ? 'no cluster' : 'a cluster';
  throw new ModelOpsError('USAGE', `--provider ${given}: environment ${environment.environment} has ${has}`, {
    hint: `omit --provider, or use --provider ${actual}`,
  });
}

/**
 * Where the jobs of an environment shall run: `before` is its file. Without a provider, options that only a cluster has mean a cluster.
 * @throws USAGE for azure, for options of the other provider, and if `local` is to take the place of a cluster
 */
export function providerFor(options: UpOptions, before: BundleEnvironment | undefined): Provider {
  const ofCluster = CLUSTER_OPTIONS.filter((key) => options[key] !== undefined);
  const isLocal = before !== undefined && before.cluster === undefined && ofCluster.length === 0;
  const provider = supportedProvider(options.provider) ?? (isLocal ? 'local' : 'kubernetes');
  const unused = provider === 'local' ? ofCluster : options.path === undefined ? [] : (['path'] as const);
  if (unused.length > 0) {
    const flags = unused.map((key) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`).join(', ');
    const other = provider === 'local' ? 'kubernetes' : 'local';
    throw new ModelOpsError('USAGE', `${flags}: only with --provider ${other}`, { hint: `remove ${flags}, or use --provider ${other}` });
  }
  if (provider === 'local' && before?.cluster !== undefined) {
    throw new ModelOpsError('USAGE', `environment ${options.env} has a cluster`, {
      hint: `use another name, or remove the cluster first: mops infra down --env ${options.env}`,
    });
  }
  return provider;
}

/** @throws USAGE for azure, with the alternative */
export function supportedProvider(given: GivenProvider): Provider | undefined {
  if (given !== 'azure') return given;
  throw new ModelOpsError('USAGE', '--provider azure is not supported yet', {
    hint: 'create the registry, storage account and cluster with az, then run mops infra up --provider kubernetes --registry NAME.azurecr.io --registry-provider acr --storage-account-url https://NAME.blob.core.windows.net …',
  });
}
