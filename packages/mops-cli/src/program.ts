import type { LazyCommand, Program } from '@modelops/cli-kit';
import { jobsCommands } from './commands/jobs-commands.ts';
import { resultsCommands } from './commands/results-commands.ts';
import type { MopsDeps } from './deps.ts';
import { infraCommands } from './infra/index.ts';
import { version } from './version.ts';

/** Reproduce and report. */
const reportCommands: readonly LazyCommand<MopsDeps>[] = [
  {
    name: 'repro',
    summary: 'Run one task here and compare it with its stored result or failure',
    load: async () => (await import('./commands/repro.ts')).repro,
  },
  {
    name: 'audit',
    summary: 'Recompute random results of a job and compare them with the store',
    load: async () => (await import('./commands/audit.ts')).audit,
  },
  {
    name: 'report',
    summary: 'Write the results of jobs to one self-contained HTML file',
    load: async () => (await import('./commands/report.ts')).report,
  },
  {
    name: 'watch',
    summary: 'Show jobs live: tasks, rate, workers, failures and the best loss so far',
    load: async () => (await import('./commands/watch.ts')).watch,
  },
];

const storeCommands: readonly LazyCommand<MopsDeps>[] = [
  {
    name: 'store check',
    summary: 'Verify every byte in the store against its digest',
    load: async () => (await import('./commands/store-check.ts')).storeCheck,
  },
  {
    name: 'store stats',
    summary: 'Show the packs, results and bytes of each model and target',
    load: async () => (await import('./commands/store-stats.ts')).storeStats,
  },
  {
    name: 'store gc',
    summary: 'Delete what no job needs; without --yes, only list it',
    load: async () => (await import('./commands/store-gc.ts')).storeGc,
  },
  {
    name: 'store compact',
    summary: 'Merge many small packs into few; safe while jobs run',
    load: async () => (await import('./commands/store-compact.ts')).storeCompact,
  },
];

/** The program `mops`; a command is loaded only when it runs. */
export const mops: Program<MopsDeps> = {
  name: 'mops',
  summary: 'Bind a study to a bundle, run it, and query its results',
  version,
  groups: {
    jobs: 'Submit, watch, validate and resume jobs',
    results: 'Query losses and results',
    store: 'Check, measure and clean the store',
    env: 'Show environments',
    infra: 'Create what an environment needs',
  },
  commands: [...jobsCommands, ...reportCommands, ...resultsCommands, ...storeCommands, ...infraCommands],
};
