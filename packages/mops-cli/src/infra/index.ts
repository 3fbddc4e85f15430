// What an environment needs in a cluster: created, shown and deleted by `mops infra`.
// Never touches results; writes secrets only to a Secret and to a file of mode 0600, and never shows them.
import type { LazyCommand } from '@modelops/cli-kit';
import type { InfraDeps } from './infra-deps.ts';

/** `mops env …` and `mops infra …`, each loaded only when it runs. */
export const infraCommands: readonly LazyCommand<InfraDeps>[] = [
  {
    name: 'env list',
    summary: 'List environments with their registry, storage and cluster',
    load: async () => (await import('./env-list.ts')).envList,
  },
  {
    name: 'infra up',
    summary: 'Create what an environment needs in a cluster, and write its file',
    load: async () => (await import('./infra-up.ts')).infraUp,
  },
  {
    name: 'infra status',
    summary: 'Show which parts of an environment exist, and the jobs that run in it',
    load: async () => (await import('./infra-status.ts')).infraStatus,
  },
  {
    name: 'infra down',
    summary: 'Delete what infra up created in the cluster; results are kept',
    load: async () => (await import('./infra-down.ts')).infraDown,
  },
];
