import type { LazyCommand } from '@modelops/cli-kit';
import type { MopsDeps } from '../deps.ts';

/** `mops store check|stats|gc|compact`, each loaded only when it runs. */
export const storeCommands: readonly LazyCommand<MopsDeps>[] = [
  {
    name: 'store check',
    summary: 'Verify every byte in the store against its digest',
    load: async () => (await import('./store-check.ts')).storeCheck,
  },
  {
    name: 'store stats',
    summary: 'Show the packs, results and bytes of each model and target',
    load: async () => (await import('./store-stats.ts')).storeStats,
  },
  {
    name: 'store gc',
    summary: 'Delete what no job needs; without --yes, only list it',
    load: async () => (await import('./store-gc.ts')).storeGc,
  },
  {
    name: 'store compact',
    summary: 'Merge many small packs into few; safe while jobs run',
    load: async () => (await import('./store-compact.ts')).storeCompact,
  },
];
