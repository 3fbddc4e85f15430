// What an environment needs, in a cluster or on this machine: created, shown and deleted by `mops infra`.
// Never touches results; writes secrets only to a Secret and to a file of mode 0600, and never shows them.
import { listCommands } from '@modelops/cli-kit';
import type { InfraDeps } from './infra-deps.ts';

/** `mops env …` and `mops infra …`. */
export const infraCommands = [
  ...listCommands<InfraDeps>('env', {
    list: ['List environments with their registry, storage and cluster', () => import('./env-list.ts')],
  }),
  ...listCommands<InfraDeps>('infra', {
    up: ['Create what an environment needs, and write its file', () => import('./infra-up.ts')],
    status: ['Show which parts of an environment exist, and the jobs that run in it', () => import('./infra-status.ts')],
    outputs: ['Show where the registry, storage and cluster of an environment are', () => import('./infra-outputs.ts')],
    down: ['Delete what infra up created in the cluster; results are kept', () => import('./infra-down.ts')],
  }),
];
