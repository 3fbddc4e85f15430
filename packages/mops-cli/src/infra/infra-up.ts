import { defineCommand } from '@modelops/cli-kit';
import { type BundleEnvironment, environmentDocument, isRegistryHost, ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { UpReport } from '../documents/infra.ts';
import { byteQuantity, cpuQuantity } from '../engines/kubernetes/quantity.ts';
import { bringUp, describeChanges, type InfraChange } from './bring-up.ts';
import { differingPaths } from './compare-objects.ts';
import { environmentFromOptions } from './environment-from-options.ts';
import type { InfraDeps } from './infra-deps.ts';
import { checkProvider, infraTarget } from './infra-target.ts';

const options = infraTarget.extend({
  registry: z
    .string()
    .refine(isRegistryHost, 'expected HOST or HOST:PORT, without http://')
    .optional()
    .describe('Registry for bundles')
    .meta({ placeholder: 'HOST:PORT' }),
  registryProvider: z
    .enum(['docker', 'acr'])
    .optional()
    .describe('docker: credentials of docker login (default); acr: Azure Container Registry with an Entra identity'),
  registryInsecure: z.boolean().optional().describe('Connect to the registry over plain HTTP'),
  registryConfigFile: z
    .string()
    .optional()
    .describe('Docker config.json with the credentials that pods use, - for stdin')
    .meta({ placeholder: 'FILE' }),
  storageConnectionStringFile: z
    .string()
    .optional()
    .describe('File with the connection string, - for stdin; or set MODELOPS_STORAGE_CONNECTION_STRING')
    .meta({ placeholder: 'FILE' }),
  storageAccountUrl: z.url().optional().describe('Storage account, accessed with an Entra identity').meta({ placeholder: 'URL' }),
  container: z
    .string()
    .regex(/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/, 'expected a container name: 3 to 63 lowercase letters, digits and single hyphens')
    .optional()
    .describe('Container in the storage account'),
  image: z
    .string()
    .regex(/^[a-z0-9][\w./:@-]*$/i, 'expected an image name')
    .optional()
    .describe("the worker's image"),
  namespace: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'expected a namespace name: lowercase letters, digits and hyphens')
    .optional()
    .describe('Namespace for workers'),
  context: z.string().optional().describe('Context of the kubeconfig (default: the current one)'),
  workers: z.number().int().min(1).optional().describe('Workers per job'),
  cpu: cpuQuantity.optional().describe('CPUs per worker: 2, 500m'),
  memory: byteQuantity.optional().describe('Memory per worker: 4Gi'),
  queue: z.string().optional().describe('Kueue LocalQueue for jobs'),
  plan: z.boolean().default(false).describe('Show what would change; change nothing'),
});

export const infraUp = defineCommand({
  examples: [
    'mops infra up --env team --registry registry.example:5000 --storage-connection-string-file secret.txt --container results --namespace epi --image registry.example:5000/modelops/worker:1',
    'mops infra up --env team --workers 16 --plan',
  ],
  args: z.object({}),
  options,
  run: async (input, deps: InfraDeps): Promise<UpReport> => {
    checkProvider(input.provider);
    refuseLocal(input.env);
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
    changes.push(changeOfFile(environment, before));
    const file = input.plan ? null : await deps.environments.save(environment);
    return { environment: input.env, namespace: namespaceOf(environment), is_plan: input.plan, changes, file };
  },
  human: ({ changes, is_plan, file }: UpReport) =>
    [describeChanges(changes, is_plan), ...(file === null ? [] : [`environment written to ${file}`])].join('\n'),
  notes: ({ environment, is_plan }: UpReport) => (is_plan ? '' : `next: modelops-bundle init NAME --env ${environment}`),
  schema: 'modelops.infra.up/v1',
  document: async () => (await import('../documents/infra.ts')).infraUp,
});

function namespaceOf({ cluster }: BundleEnvironment): string {
  return cluster?.namespace ?? '';
}

function changeOfFile(environment: BundleEnvironment, before: BundleEnvironment | undefined): InfraChange {
  const thing = { kind: 'environment', name: environment.environment };
  if (before === undefined) return { ...thing, action: 'create', fields: [] };
  const fields = differingPaths(environmentDocument(before), environmentDocument(environment));
  return { ...thing, action: fields.length === 0 ? 'unchanged' : 'change', fields };
}

function refuseLocal(env: string): void {
  if (env !== 'local') return;
  throw new ModelOpsError('USAGE', 'environment local runs on this machine and needs no infrastructure', {
    hint: 'choose another name with --env',
  });
}

function refuseTwoWays({ storageAccountUrl, storageConnectionStringFile }: z.output<typeof options>): void {
  if (storageAccountUrl === undefined || storageConnectionStringFile === undefined) return;
  throw new ModelOpsError('USAGE', '--storage-account-url and --storage-connection-string-file cannot be combined', {
    hint: 'remove one of them',
  });
}
