import type { LazyCommand } from '@modelops/cli-kit';
import type { MopsDeps } from '../deps.ts';

/** `mops results …`, each loaded only when it runs. */
export const resultsCommands: readonly LazyCommand<MopsDeps>[] = [
  {
    name: 'results list',
    summary: 'List jobs with their lowest loss for each target',
    load: async () => (await import('./results-list.ts')).resultsList,
  },
  {
    name: 'results losses',
    summary: 'Print the losses of a job, one row per parameter set and target',
    load: async () => (await import('./results-losses.ts')).resultsLosses,
  },
  {
    name: 'results best',
    summary: 'Print the parameter sets with the lowest loss, of one job or all jobs',
    load: async () => (await import('./results-best.ts')).resultsBest,
  },
  {
    name: 'results compare',
    summary: 'Compare the losses of jobs over shared parameter sets, and what changed between them',
    load: async () => (await import('./results-compare.ts')).resultsCompare,
  },
  {
    name: 'results progress',
    summary: 'Show the lowest loss of a target from job to job',
    load: async () => (await import('./results-progress.ts')).resultsProgress,
  },
  {
    name: 'results query',
    summary: 'Run SQL over losses, jobs, tasks and outputs; read-only',
    load: async () => (await import('./results-query.ts')).resultsQuery,
  },
  {
    name: 'results show',
    summary: 'Show one result: its inputs, location, first rows and jobs',
    load: async () => (await import('./results-show.ts')).resultsShow,
  },
  {
    name: 'results jobs-of',
    summary: 'List the jobs that use a result',
    load: async () => (await import('./results-jobs-of.ts')).resultsJobsOf,
  },
  {
    name: 'results export',
    summary: 'Export the results of a job to a folder',
    load: async () => (await import('./results-export.ts')).resultsExport,
  },
  {
    name: 'results download',
    summary: 'Copy a job from the store to a folder, verified; continues an earlier download',
    load: async () => (await import('./results-download.ts')).resultsDownload,
  },
  {
    name: 'results import',
    summary: 'Import a tree of results (metadata.json, result.json, artifact_*.arrow)',
    load: async () => (await import('./results-import.ts')).resultsImport,
  },
  {
    name: 'results rm',
    summary: 'Remove the result of one task, so that it is recomputed',
    load: async () => (await import('./results-rm.ts')).resultsRm,
  },
];
