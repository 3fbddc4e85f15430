import { defineCommand } from '@modelops/cli-kit';
import { type BundleEnvironment, ModelOpsError } from '@modelops/contracts';
import { z } from 'zod';
import { bringUp, type InfraChange } from './bring-up.ts';
import { describeChanges } from './describe-changes.ts';
import { environmentFromOptions } from './environment-from-options.ts';
import type { InfraDeps } from './infra-deps.ts';
import { checkProvider, infraTarget } from './infra-target.ts';

const options = infraTarget.extend({
  registry: z.string().optional().describe('registry of bundles').meta({ placeholder: 'HOST:PORT' }),
  registryProvider: z
    .enum(['docker', 'acr'])
    .optional()
    .describe('docker: signed in as docker login says (default); acr: Azure Container Registry by Entra identity'),
  registryInsecure: z.boolean().optional().describe('the registry speaks plain HTTP'),
  registryConfigFile: z
    .string()
    .optional()
    .describe('Docker config.json with the credentials that pods use, - for stdin')
    .meta({ placeholder: 'FILE' }),
  storageConnectionStringFile: z
    .string()
    .optional()
    .describe('file with the connection string, - for stdin; or set MODELOPS_STORAGE_CONNECTION_STRING')
    .meta({ placeholder: 'FILE' }),
  storageAccountUrl: z.url().optional().describe('storage account, reached by Entra identity').meta({ placeholder: 'URL' }),
  container: z.string().optional().describe('container in the storage account'),
  image: z.string().optional().describe("the worker's image"),
  namespace: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'not a name for a namespace')
    .optional()
    .describe('namespace that workers run in'),
  context: z.string().optional().describe('context of the kubeconfig; default: the current one'),
  workers: z.number().int().min(1).optional().describe('workers of a job'),
  cpu: z.string().optional().describe('CPUs of a worker: 2, 500m'),
  memory: z.string().optional().describe('memory of a worker: 4Gi'),
  queue: z.string().optional().describe('Kueue LocalQueue that jobs wait in'),
  plan: z.boolean().default(false).describe('show what would change, and change nothing'),
});

interface UpReport {
  readonly environment: string;
  readonly namespace: string;
  readonly is_plan: boolean;
  readonly changes: readonly InfraChange[];
  /** The environment's file; null in a plan. */
  readonly file: string | null;
}

export const infraUp = defineCommand({
  name: 'infra up',
  summary: 'Make what an environment needs in a cluster, and write its file',
  examples: [
    'mops infra up --env team --registry registry.example:5000 --storage-connection-string-file secret.txt --container results --namespace epi --image registry.example:5000/modelops/worker:1',
    'mops infra up --env team --workers 16 --plan',
  ],
  args: z.object({}),
  options,
  run: async (input, deps: InfraDeps): Promise<UpReport> => {
    checkProvider(input.provider);
    const [before, connectionString, registryConfig] = await Promise.all([
      deps.environments.read(input.env),
      input.storageConnectionStringFile === undefined ? deps.connectionString : deps.readSecret(input.storageConnectionStringFile),
      input.registryConfigFile === undefined ? undefined : deps.readSecret(input.registryConfigFile),
    ]);
    refuseTwoWays(input);
    const secrets = {
      connectionString: input.storageAccountUrl === undefined ? connectionString : undefined,
      hasRegistryConfig: registryConfig !== undefined,
    };
    const environment = environmentFromOptions(input, secrets, before);
    const changes = await bringUp(
      environment,
      { registryConfig, isPlan: input.plan },
      await deps.openCluster({ context: environment.cluster?.context }),
    );
    const file = input.plan ? null : await deps.environments.save(environment);
    return { environment: input.env, namespace: namespaceOf(environment), is_plan: input.plan, changes, file };
  },
  human: ({ changes, is_plan, file }: UpReport) =>
    [describeChanges(changes, is_plan), ...(file === null ? [] : [`environment written to ${file}`])].join('\n'),
  schema: 'modelops.infra.up/v1',
});

function namespaceOf({ cluster }: BundleEnvironment): string {
  return cluster?.namespace ?? '';
}

function refuseTwoWays({ storageAccountUrl, storageConnectionStringFile }: z.output<typeof options>): void {
  if (storageAccountUrl === undefined || storageConnectionStringFile === undefined) return;
  throw new ModelOpsError('USAGE', '--storage-account-url and --storage-connection-string-file are two ways to one storage', {
    hint: 'give one of them',
  });
}
