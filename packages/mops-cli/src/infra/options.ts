import { isRegistryHost } from '@modelops/contracts';
import * as z from 'zod';
import { byteQuantity, cpuQuantity } from '../engines/kubernetes/cluster-settings.ts';

export const environmentOption = z.string().describe('Name of the environment').meta({ placeholder: 'NAME' });

/** Options of the `mops infra` commands that create, check or delete. */
export const infraTarget = z.object({
  provider: z
    .enum(['local', 'kubernetes', 'azure'])
    .optional()
    .describe(
      'Where jobs run: on this machine (local) or in an existing cluster (kubernetes); azure is not supported yet (default: as in the file of the environment, kubernetes without one)',
    ),
  env: environmentOption,
});
export type GivenProvider = z.output<typeof infraTarget>['provider'];

/** Options of `mops infra up`; those that are omitted keep the values in the environment's file. */
export const upOptions = infraTarget.extend({
  path: z
    .string()
    .min(1)
    .optional()
    .describe('Folder for bundles and results on this machine (default: MODELOPS_HOME/environments/NAME)')
    .meta({ placeholder: 'DIR' }),
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
    .describe('Image of the workers'),
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
export type UpOptions = z.output<typeof upOptions>;
