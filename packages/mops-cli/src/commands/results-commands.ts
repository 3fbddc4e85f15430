import type { LazyCommand } from '@modelops/cli-kit';
import type { MopsDeps } from '../deps.ts';

/** `mops results …`, each loaded when it is run. */
export const resultsCommands: readonly LazyCommand<MopsDeps>[] = [
  {
    name: 'results losses',
    summary: 'The losses of a job, a row for each parameter set and target',
    load: async () => (await import('./results-losses.ts')).resultsLosses as never,
  },
  {
    name: 'results best',
    summary: 'The parameter sets with the least loss, of one job or of all',
    load: async () => (await import('./results-best.ts')).resultsBest as never,
  },
  {
    name: 'results show',
    summary: 'Everything known of one result: its inputs, where it is, its first rows, who asked for it',
    load: async () => (await import('./results-show.ts')).resultsShow as never,
  },
  {
    name: 'results jobs-of',
    summary: 'The jobs that asked for a result, and whether each computed it or found it',
    load: async () => (await import('./results-jobs-of.ts')).resultsJobsOf as never,
  },
  {
    name: 'results export',
    summary: 'Write the results of a job into a folder',
    load: async () => (await import('./results-export.ts')).resultsExport as never,
  },
  {
    name: 'results import',
    summary: 'Take a tree of results (metadata.json, result.json, artifact_*.arrow) into the store',
    load: async () => (await import('./results-import.ts')).resultsImport as never,
  },
  {
    name: 'results rm',
    summary: 'Make the result of one task missing, so that it is computed again',
    load: async () => (await import('./results-rm.ts')).resultsRm as never,
  },
];
