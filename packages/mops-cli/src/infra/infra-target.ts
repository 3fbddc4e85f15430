import { ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';

/** Options that every `mops infra` command takes. */
export const infraTarget = z.object({
  provider: z.enum(['kubernetes', 'azure']).default('kubernetes').describe('a cluster that exists; azure is not made by this version'),
  env: z.string().describe('name of the environment').meta({ placeholder: 'NAME' }),
});

/** @throws USAGE for what this version does not make, with the way around. */
export function checkProvider(provider: z.output<typeof infraTarget>['provider']): void {
  if (provider === 'kubernetes') return;
  throw new ModelOpsError('USAGE', 'this version makes no Azure resources', {
    hint: 'make the registry, the storage account and the cluster with az, then: mops infra up --provider kubernetes --registry NAME.azurecr.io --registry-provider acr --storage-account-url https://NAME.blob.core.windows.net …',
  });
}
