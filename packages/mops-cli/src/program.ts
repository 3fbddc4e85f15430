import { listCommands, type Program } from '@modelops/cli-kit';
import type { MopsDeps } from './deps.ts';
import { infraCommands } from './infra/index.ts';
import { version } from './version.ts';

const jobsCommands = listCommands<MopsDeps>('jobs', {
  submit: ['Submit a study: run the tasks that have no result yet', () => import('./commands/jobs-submit.ts')],
  status: ['Show the state, progress, problems and failures of jobs', () => import('./commands/jobs-status.ts')],
  wait: ['Wait until jobs end; exit with the worst of their statuses', () => import('./commands/jobs-wait.ts')],
  list: ['List jobs, newest first', () => import('./commands/jobs-list.ts')],
  logs: ['Print the logs of workers and models', () => import('./commands/jobs-logs.ts')],
  cancel: ['Cancel jobs; their results are kept', () => import('./commands/jobs-cancel.ts')],
  scale: ['Change the number of workers of jobs while they run', () => import('./commands/jobs-scale.ts')],
  sync: ['Compare unfinished jobs with their engine and repair their records', () => import('./commands/jobs-sync.ts')],
  validate: ['Check that every expected output of a job exists', () => import('./commands/jobs-validate.ts')],
  resume: ['Run the tasks of jobs whose outputs are missing', () => import('./commands/jobs-resume.ts')],
  manifest: ['List the expected or missing outputs of jobs', () => import('./commands/jobs-manifest.ts')],
  explain: ['Explain why a task has no result; --run runs it here', () => import('./commands/jobs-explain.ts')],
  failures: ['Show failures grouped by cause, with a command that reproduces each', () => import('./commands/jobs-failures.ts')],
  delete: ['Delete finished jobs; simulation results are kept', () => import('./commands/jobs-delete.ts')],
});

/** Reproduce and report. */
const reportCommands = listCommands<MopsDeps>('', {
  repro: ['Run one task here and compare it with its stored result or failure', () => import('./commands/repro.ts')],
  audit: ['Recompute random results of a job and compare them with the store', () => import('./commands/audit.ts')],
  report: ['Write the results of jobs to one self-contained HTML file', () => import('./commands/report.ts')],
  watch: ['Show jobs live: tasks, rate, workers, failures and the best loss so far', () => import('./commands/watch.ts')],
});

const resultsCommands = listCommands<MopsDeps>('results', {
  list: ['List jobs with their lowest loss for each target', () => import('./commands/results-list.ts')],
  losses: ['Print the losses of a job, one row per parameter set and target', () => import('./commands/results-losses.ts')],
  best: ['Print the parameter sets with the lowest loss, of one job or all jobs', () => import('./commands/results-best.ts')],
  compare: [
    'Compare the losses of jobs over shared parameter sets, and what changed between them',
    () => import('./commands/results-compare.ts'),
  ],
  progress: ['Show the lowest loss of a target from job to job', () => import('./commands/results-progress.ts')],
  query: ['Run SQL over losses, jobs, tasks and outputs; read-only', () => import('./commands/results-query.ts')],
  show: ['Show one result: its inputs, location, first rows and jobs', () => import('./commands/results-show.ts')],
  'jobs-of': ['List the jobs that use a result', () => import('./commands/results-jobs-of.ts')],
  export: ['Export the results of a job to a folder', () => import('./commands/results-export.ts')],
  download: [
    'Copy a job from the store to a folder, verified; continues an earlier download',
    () => import('./commands/results-download.ts'),
  ],
  report: ['Write the results of jobs to one self-contained HTML file (mops report)', () => import('./commands/report.ts')],
  reindex: ['Write the losses and summary of jobs again from the outputs in the store', () => import('./commands/results-reindex.ts')],
  import: ['Import a tree of results (metadata.json, result.json, artifact_*.arrow)', () => import('./commands/results-import.ts')],
  rm: ['Remove the result of one task, so that it is recomputed', () => import('./commands/results-rm.ts')],
});

const storeCommands = listCommands<MopsDeps>('store', {
  check: ['Verify every byte in the store against its digest', () => import('./commands/store-check.ts')],
  stats: ['Show the packs, results and bytes of each model and target', () => import('./commands/store-stats.ts')],
  gc: ['Delete what no job needs; without --yes, only list it', () => import('./commands/store-gc.ts')],
  compact: ['Merge many small packs into few; safe while jobs run', () => import('./commands/store-compact.ts')],
});

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
