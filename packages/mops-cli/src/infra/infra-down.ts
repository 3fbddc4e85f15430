import { environmentNamed, saveEnvironment } from '@modelops/bundle/environments';
import { defineCommand } from '@modelops/cli-kit';
import { type BundleEnvironment, ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { DownReport } from '../documents/infra.ts';
import { describeChanges, type InfraChange } from './bring-up.ts';
import type { InfraDeps } from './infra-deps.ts';
import { infraTarget } from './options.ts';
import { providerOf, supportedProvider } from './provider.ts';
import { tearDown } from './tear-down.ts';

const options = infraTarget.extend({
  yes: z.boolean().default(false).describe('Delete; without it, the command only lists what it would delete'),
  plan: z.boolean().default(false).describe('Show what would be deleted; delete nothing'),
});

export const command = defineCommand({
  examples: ['mops infra down --env team --plan', 'mops infra down --env team --yes'],
  args: z.object({}),
  options,
  run: async ({ provider, env, yes, plan }, deps: InfraDeps): Promise<DownReport> => {
    const given = supportedProvider(provider);
    const { environment } = await environmentNamed(env, deps.home);
    const isPlan = plan || !yes;
    if (providerOf(given, environment) === 'local') return { environment: env, is_plan: isPlan, changes: [] };
    const cluster = await deps.openCluster({ context: environment.cluster?.context });
    const changes = await tearDown(environment, { isPlan }, { cluster, pause: deps.pause });
    if (!yes && !plan && changes.length > 0) throw unconfirmed(env, changes);
    if (!isPlan) await saveEnvironment(withoutCluster(environment), deps.home);
    return { environment: env, is_plan: isPlan, changes };
  },
  human: ({ changes, is_plan }: DownReport) => describeChanges(changes, is_plan),
  schema: 'modelops.infra.down/v1',
  document: async () => (await import('../documents/infra.ts')).infraDown,
});

/** Registry and storage remain in the file, so that results stay readable. */
function withoutCluster({ cluster: _, ...rest }: BundleEnvironment): BundleEnvironment {
  return rest;
}

function unconfirmed(env: string, changes: readonly InfraChange[]): ModelOpsError {
  const things = changes.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  return new ModelOpsError('USAGE', `would delete ${things}`, { hint: `to delete: mops infra down --env ${env} --yes` });
}
