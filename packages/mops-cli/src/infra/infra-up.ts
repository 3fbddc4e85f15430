import { join, resolve } from 'node:path';
import { readEnvironment, saveEnvironment } from '@modelops/bundle/environments';
import { defineCommand } from '@modelops/cli-kit';
import { environmentDocument, ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { UpReport } from '../documents/infra.ts';
import { bringUp, changeOf, describeChanges, differingPaths } from './bring-up.ts';
import { environmentFromOptions } from './environment-from-options.ts';
import type { InfraDeps } from './infra-deps.ts';
import { foldersOf, makeFolders } from './local-folders.ts';
import { type UpOptions, upOptions } from './options.ts';
import { providerFor } from './provider.ts';

export const command = defineCommand({
  examples: [
    'mops infra up --env team --registry registry.example:5000 --storage-connection-string-file secret.txt --container results --namespace epi --image registry.example:5000/modelops/worker:1',
    'mops infra up --env team --workers 16 --plan',
    'mops infra up --env course --provider local --path /data/course',
  ],
  args: z.object({}),
  options: upOptions,
  run: async (input, deps: InfraDeps): Promise<UpReport> => {
    refuseLocal(input.env);
    refuseTwoWays(input);
    const [before, connectionString, registryConfig] = await Promise.all([
      readEnvironment(input.env, deps.home),
      input.storageConnectionStringFile === undefined ? deps.connectionString : deps.readSecret(input.storageConnectionStringFile),
      input.registryConfigFile === undefined ? undefined : deps.readSecret(input.registryConfigFile),
    ]);
    const provider = providerFor(input, before);
    const secrets = {
      connectionString: input.storageAccountUrl === undefined ? connectionString : undefined,
      hasRegistryConfig: registryConfig !== undefined,
    };
    const folder = resolve(deps.cwd, input.path ?? join(deps.home, 'environments', input.env));
    const environment = environmentFromOptions(input, secrets, { provider, before, folder });
    const changes =
      provider === 'local'
        ? await makeFolders(foldersOf(environment), { isPlan: input.plan })
        : await bringUp(
            environment,
            { registryConfig, isPlan: input.plan },
            await deps.openCluster({ context: environment.cluster?.context }),
          );
    const fields = before && differingPaths(environmentDocument(before), environmentDocument(environment));
    changes.push(changeOf({ kind: 'environment', name: input.env }, fields));
    const file = input.plan ? null : await saveEnvironment(environment, deps.home);
    return { environment: input.env, namespace: environment.cluster?.namespace ?? null, is_plan: input.plan, changes, file };
  },
  human: ({ changes, is_plan, file }: UpReport) =>
    [describeChanges(changes, is_plan), ...(file === null ? [] : [`environment written to ${file}`])].join('\n'),
  notes: ({ environment, is_plan }: UpReport) => (is_plan ? '' : `next: modelops-bundle init NAME --env ${environment}`),
  schema: 'modelops.infra.up/v1',
  document: async () => (await import('../documents/infra.ts')).infraUp,
});

function refuseLocal(env: string): void {
  if (env !== 'local') return;
  throw new ModelOpsError('USAGE', 'environment local runs on this machine and needs no infrastructure', {
    hint: 'choose another name with --env',
  });
}

function refuseTwoWays({ storageAccountUrl, storageConnectionStringFile }: UpOptions): void {
  if (storageAccountUrl === undefined || storageConnectionStringFile === undefined) return;
  throw new ModelOpsError('USAGE', '--storage-account-url and --storage-connection-string-file cannot be combined', {
    hint: 'remove one of them',
  });
}
