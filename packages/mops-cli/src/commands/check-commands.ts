import type { LazyCommand } from '@modelops/cli-kit';
import type { MopsDeps } from '../deps.ts';

/** Commands that recompute results, each loaded only when it runs. */
export const checkCommands: readonly LazyCommand<MopsDeps>[] = [
  {
    name: 'repro',
    summary: 'Run one task here and compare it with its stored result or failure',
    load: async () => (await import('./repro.ts')).repro,
  },
  {
    name: 'audit',
    summary: 'Recompute random results of a job and compare them with the store',
    load: async () => (await import('./audit.ts')).audit,
  },
];
