import type { LazyCommand } from '@modelops/cli-kit';
import type { MopsDeps } from '../deps.ts';

/** `mops store check|stats|gc|compact`, loaded when one is run. */
export const storeCommands: readonly LazyCommand<MopsDeps>[] = [
  {
    name: 'store check',
    summary: 'Read every byte of the store and hold it against its digest',
    load: async () => (await import('./store-check.ts')).storeCheck as never,
  },
  {
    name: 'store stats',
    summary: 'Show what the store holds: packs, results and bytes of each model and target',
    load: async () => (await import('./store-stats.ts')).storeStats as never,
  },
  {
    name: 'store gc',
    summary: 'Let go of what no job needs; shows it first, and does it with --yes',
    load: async () => (await import('./store-gc.ts')).storeGc as never,
  },
  {
    name: 'store compact',
    summary: 'Make few packs of many small ones; readers and writers may go on meanwhile',
    load: async () => (await import('./store-compact.ts')).storeCompact as never,
  },
];
