import { type BundleEnvironment, ModelOpsError } from '@modelops/contracts';
import { z } from 'zod';
import type { InfraDeps } from './infra-deps.ts';

/** Options that every `mops infra` command takes. */
export const infraTarget = z.object({
  provider: z.enum(['kubernetes']).default('kubernetes').describe('what the environment is made of'),
  env: z.string().describe('name of the environment').meta({ placeholder: 'NAME' }),
});

/** @throws ENVIRONMENT_NOT_FOUND */
export async function readEnvironment(name: string, { environments }: Pick<InfraDeps, 'environments'>): Promise<BundleEnvironment> {
  const environment = await environments.read(name);
  if (environment !== undefined) return environment;
  throw new ModelOpsError('ENVIRONMENT_NOT_FOUND', `there is no environment ${name}`, { hint: 'mops env list' });
}
