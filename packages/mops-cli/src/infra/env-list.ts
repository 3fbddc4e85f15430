import { environmentNamed, environmentNames } from '@modelops/bundle/environments';
import { defineCommand, formatTable } from '@modelops/cli-kit';
import { messageOf } from '@modelops/contracts';
import * as z from 'zod';
import type { EnvironmentRow } from '../documents/infra.ts';
import type { InfraDeps } from './infra-deps.ts';

export const command = defineCommand({
  examples: ['mops env list'],
  args: z.object({}),
  options: z.object({}),
  run: async (_, { home }: InfraDeps): Promise<{ readonly environments: readonly EnvironmentRow[] }> => {
    const names = await environmentNames(home);
    return { environments: await Promise.all(names.map((name) => rowOf(name, home))) };
  },
  human: ({ environments }) =>
    formatTable(environments, [
      { title: 'ENVIRONMENT', value: ({ environment }) => environment },
      { title: 'REGISTRY', value: ({ registry }) => registry },
      { title: 'STORAGE', value: ({ storage }) => storage },
      { title: 'NAMESPACE', value: ({ namespace }) => namespace },
      { title: 'FILE', value: ({ file, problem }) => problem ?? file },
    ]),
  schema: 'modelops.env.list/v1',
  document: async () => (await import('../documents/infra.ts')).envList,
});

async function rowOf(name: string, home: string): Promise<EnvironmentRow> {
  try {
    const { environment, file = null } = await environmentNamed(name, home);
    const { registry, storage, cluster } = environment;
    return {
      environment: name,
      registry: registry.path ?? registry.login_server,
      storage: storage.path ?? `${storage.provider}:${storage.container ?? ''}`,
      namespace: cluster?.namespace ?? null,
      file,
      problem: null,
    };
  } catch (error) {
    return { environment: name, registry: null, storage: null, namespace: null, file: null, problem: messageOf(error) };
  }
}
