import { environmentNamed } from '@modelops/bundle/environments';
import { defineCommand } from '@modelops/cli-kit';
import { type BundleEnvironment, redact, reveal } from '@modelops/contracts';
import * as z from 'zod';
import type { OutputsReport } from '../documents/infra.ts';
import { clusterSettingsOf } from '../engines/kubernetes/cluster-settings.ts';
import type { InfraDeps } from './infra-deps.ts';
import { environmentOption } from './options.ts';

export const command = defineCommand({
  examples: ['mops infra outputs --env team', 'mops infra outputs --env team --json | jq -r .registry.login_server'],
  args: z.object({}),
  options: z.object({ env: environmentOption }),
  run: async ({ env }, { home }: InfraDeps): Promise<OutputsReport> => {
    const { environment, file = null } = await environmentNamed(env, home);
    return { environment: env, file, ...outputsOf(environment) };
  },
  human: ({ environment, file, ...outputs }: OutputsReport) => {
    const rows = [['environment', environment], ['file', file ?? '-'], ...linesOf(outputs)] as const;
    const width = Math.max(...rows.map(([name]) => name.length));
    return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
  },
  schema: 'modelops.infra.outputs/v1',
  document: async () => (await import('../documents/infra.ts')).infraOutputs,
});

/** What other tools need of an environment, without its secrets. */
function outputsOf(environment: BundleEnvironment): Pick<OutputsReport, 'registry' | 'storage' | 'cluster'> {
  const { registry, storage } = environment;
  return {
    registry: {
      provider: registry.provider,
      login_server: registry.login_server,
      path: registry.path ?? null,
      requires_auth: registry.requires_auth,
      insecure: registry.insecure,
    },
    storage: {
      provider: storage.provider,
      path: storage.path ?? null,
      account: storage.connection_string === undefined ? null : accountIn(reveal(storage.connection_string)),
      account_url: storage.account_url === undefined ? null : redact(storage.account_url),
      container: storage.container ?? null,
    },
    cluster: environment.cluster === undefined ? null : clusterOutputs(environment),
  };
}

function clusterOutputs(environment: BundleEnvironment): OutputsReport['cluster'] {
  const { context = null, namespace, image, workers, cpu, memory, queue = null } = clusterSettingsOf(environment);
  return { context, namespace, image, workers, cpu, memory, queue };
}

/** The name of the account in a connection string. */
function accountIn(connection: string): string | null {
  return /(?:^|;)AccountName=([^;]+)/.exec(connection)?.[1] ?? null;
}

/** `registry.login_server` and its value, of each that is set. */
function linesOf(outputs: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>): [string, string][] {
  return Object.entries(outputs).flatMap(([part, values]) =>
    Object.entries(values ?? {}).flatMap(([name, value]): [string, string][] =>
      value === null ? [] : [[`${part}.${name}`, String(value)]],
    ),
  );
}
