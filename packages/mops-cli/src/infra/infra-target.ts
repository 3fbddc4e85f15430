import { ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';

/** Options of every `mops infra` command. */
export const infraTarget = z.object({
  provider: z
    .enum(['kubernetes', 'azure'])
    .default('kubernetes')
    .describe('Where to create it: an existing cluster (azure is not supported yet)'),
  env: z.string().describe('Name of the environment').meta({ placeholder: 'NAME' }),
});

/** @throws USAGE for an unsupported provider, with the alternative */
export function checkProvider(provider: z.output<typeof infraTarget>['provider']): void {
  if (provider === 'kubernetes') return;
  throw new ModelOpsError('USAGE', '--provider azure is not supported yet', {
    hint: 'create the registry, storage account and cluster with az, then run mops infra up --provider kubernetes --registry NAME.azurecr.io --registry-provider acr --storage-account-url https://NAME.blob.core.windows.net …',
  });
}
