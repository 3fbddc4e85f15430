import { type BundleEnvironment, bundleEnvironmentSchema, ModelOpsError, type Problem, parseValue } from '@modelops/contracts';
import type { UpOptions } from './options.ts';

/** Secrets as text, read from files: never options themselves. */
export interface EnvironmentSecrets {
  readonly connectionString?: string | undefined;
  readonly hasRegistryConfig?: boolean;
}

/** Name of the Secret for a Docker config. */
const REGISTRY_SECRET = 'modelops-registry';

/**
 * The environment that options describe, merged over the one in its file.
 * @throws USAGE naming every missing option, or for an invalid connection string
 */
export function environmentFromOptions(
  options: UpOptions,
  { connectionString, hasRegistryConfig = false }: EnvironmentSecrets,
  before: BundleEnvironment | undefined,
): BundleEnvironment {
  const problems = missingOptions(options, connectionString, before);
  if (connectionString !== undefined && !/(^|;)(AccountName|BlobEndpoint|UseDevelopmentStorage)=/.test(connectionString)) {
    throw new ModelOpsError('USAGE', 'invalid storage connection string', {
      hint: 'az storage account show-connection-string --name NAME   prints it',
    });
  }
  if (problems.length > 0) {
    throw new ModelOpsError('USAGE', `environment ${options.env} is new and ${problems.length} of its options are missing`, { problems });
  }
  const value = {
    ...before,
    environment: options.env,
    registry: {
      ...(before?.registry ?? { provider: 'docker' }),
      ...defined({ provider: options.registryProvider, login_server: options.registry, insecure: options.registryInsecure }),
      ...(hasRegistryConfig ? { requires_auth: true } : {}),
    },
    storage: storageOf(options, connectionString, before),
    cluster: {
      provider: 'kubernetes',
      ...before?.cluster,
      ...defined({
        context: options.context,
        namespace: options.namespace,
        image: options.image,
        workers: options.workers,
        cpu: options.cpu,
        memory: options.memory,
        queue: options.queue,
        registry_secret: hasRegistryConfig ? REGISTRY_SECRET : undefined,
      }),
    },
  };
  return parseValue(value, bundleEnvironmentSchema, { source: `environment ${options.env}`, code: 'CONFIG_INVALID' });
}

function storageOf({ storageAccountUrl, container }: UpOptions, connectionString: string | undefined, before?: BundleEnvironment) {
  const { connection_string: oldString, account_url: oldUrl, ...kept } = before?.storage ?? { provider: 'azure' as const };
  // A new address or secret of the storage replaces the old one.
  const isNew = connectionString !== undefined || storageAccountUrl !== undefined;
  const access = isNew
    ? { connection_string: connectionString, account_url: storageAccountUrl }
    : { connection_string: oldString, account_url: oldUrl };
  return { ...kept, ...defined({ container, ...access }) };
}

function missingOptions(options: UpOptions, connectionString: string | undefined, before: BundleEnvironment | undefined): Problem[] {
  const access = connectionString ?? options.storageAccountUrl ?? (before?.storage.provider === 'azure' ? before : undefined);
  const needed = [
    [options.registry ?? before, '--registry', 'the registry that pods pull bundles from, as HOST:PORT'],
    [access, '--storage-account-url', 'or --storage-connection-string-file FILE: where results are kept'],
    [options.container ?? before?.storage.container, '--container', 'the container in the storage account'],
    [options.image ?? before?.cluster, '--image', "the worker's image"],
    [options.namespace ?? before?.cluster, '--namespace', 'the namespace that workers run in'],
  ] as const;
  return needed.flatMap(([given, path, message]) => (given === undefined ? [{ path, message }] : []));
}

function defined(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
