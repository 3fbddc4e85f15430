import { join } from 'node:path';
import { type BundleEnvironment, bundleEnvironmentSchema, ModelOpsError, type Problem, parseValue } from '@modelops/contracts';
import type { UpOptions } from './options.ts';
import type { Provider } from './provider.ts';

/** Secrets as text, read from files: never options themselves. */
export interface EnvironmentSecrets {
  readonly connectionString?: string | undefined;
  readonly hasRegistryConfig?: boolean;
}

export interface EnvironmentBase {
  readonly provider: Provider;
  /** The environment in its file; undefined for a new one. */
  readonly before: BundleEnvironment | undefined;
  /** Absolute path of the folder for the parts of a local environment that are not shared. */
  readonly folder: string;
}

/** Name of the Secret for a Docker config. */
const REGISTRY_SECRET = 'modelops-registry';

/**
 * The environment that options describe, merged over the one in its file.
 * @throws USAGE naming every missing option, or for an invalid connection string, or a folder that would not be used
 */
export function environmentFromOptions(options: UpOptions, secrets: EnvironmentSecrets, base: EnvironmentBase): BundleEnvironment {
  const { env, path } = options;
  const registry = registryOf(options, secrets, base);
  const storage = storageOf(options, secrets, base);
  if (path !== undefined && registry.path === undefined && storage.path === undefined) {
    throw new ModelOpsError('USAGE', `--path: registry and storage of environment ${env} are no folders`, { hint: 'remove it' });
  }
  const cluster = base.provider === 'local' ? {} : { cluster: clusterOf(options, secrets, base) };
  const problems = missingOptions({ registry, storage, ...cluster });
  if (problems.length > 0) {
    const what = problems.length === 1 ? 'an option is' : `${problems.length} options are`;
    throw new ModelOpsError('USAGE', `environment ${env}: ${what} missing`, { problems });
  }
  const value = { ...base.before, environment: env, registry, storage, ...cluster };
  return parseValue(value, bundleEnvironmentSchema, { source: `environment ${env}`, code: 'CONFIG_INVALID' });
}

type Fields = Readonly<Record<string, unknown>>;

function registryOf(
  options: UpOptions,
  { hasRegistryConfig = false }: EnvironmentSecrets,
  { provider, before, folder }: EnvironmentBase,
): Fields {
  const { registry: host, registryProvider, registryInsecure, path } = options;
  const kept = before?.registry.provider === 'oci-layout' ? undefined : before?.registry;
  const given = defined({ provider: registryProvider, login_server: host, insecure: registryInsecure });
  if (provider === 'local' && kept === undefined && isEmpty(given)) {
    if (before !== undefined && path === undefined) return before.registry;
    return { provider: 'oci-layout', login_server: 'local', path: join(folder, 'registry') };
  }
  return { ...(kept ?? { provider: 'docker' }), ...given, ...(hasRegistryConfig ? { requires_auth: true } : {}) };
}

function storageOf(options: UpOptions, { connectionString }: EnvironmentSecrets, { provider, before, folder }: EnvironmentBase): Fields {
  const { storageAccountUrl, storageConnectionStringFile, container, path } = options;
  const kept = before?.storage.provider === 'fs' ? undefined : before?.storage;
  // A connection string of the process's environment alone is not a wish for shared storage.
  if (provider === 'local' && kept === undefined && isEmpty(defined({ storageAccountUrl, storageConnectionStringFile, container }))) {
    if (before !== undefined && path === undefined) return before.storage;
    return { provider: 'fs', path: join(folder, 'store') };
  }
  if (connectionString !== undefined && !/(^|;)(AccountName|BlobEndpoint|UseDevelopmentStorage)=/.test(connectionString)) {
    throw new ModelOpsError('USAGE', 'invalid storage connection string', {
      hint: 'az storage account show-connection-string --name NAME   prints it',
    });
  }
  const { connection_string: oldString, account_url: oldUrl, ...rest } = kept ?? { provider: 'azure' as const };
  // A new address or secret of the storage replaces the old one.
  const isNew = connectionString !== undefined || storageAccountUrl !== undefined;
  const access = isNew
    ? { connection_string: connectionString, account_url: storageAccountUrl }
    : { connection_string: oldString, account_url: oldUrl };
  return { ...rest, ...defined({ container, ...access }) };
}

function clusterOf(options: UpOptions, { hasRegistryConfig = false }: EnvironmentSecrets, { before }: EnvironmentBase): Fields {
  const { context, namespace, image, workers, cpu, memory, queue } = options;
  const secret = hasRegistryConfig ? REGISTRY_SECRET : undefined;
  const given = { context, namespace, image, workers, cpu, memory, queue, registry_secret: secret };
  return { provider: 'kubernetes', ...before?.cluster, ...defined(given) };
}

function missingOptions({ registry, storage, cluster }: Readonly<Record<'registry' | 'storage', Fields>> & { readonly cluster?: Fields }) {
  const isShared = storage.provider === 'azure';
  const needed = [
    [registry.login_server, '--registry', 'the registry for bundles, as HOST:PORT'],
    [
      !isShared || (storage.connection_string ?? storage.account_url),
      '--storage-account-url',
      'or --storage-connection-string-file FILE: where results are kept',
    ],
    [!isShared || storage.container, '--container', 'the container in the storage account'],
    [cluster === undefined || cluster.image, '--image', "the worker's image"],
    [cluster === undefined || cluster.namespace, '--namespace', 'the namespace that workers run in'],
  ] as const;
  return needed.flatMap(([given, path, message]): Problem[] => (given === undefined ? [{ path, message }] : []));
}

function isEmpty(record: Fields): boolean {
  return Object.keys(record).length === 0;
}

function defined(record: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
