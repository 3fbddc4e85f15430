import type { LazyCommand } from '@modelops/cli-kit';
import type { MopsDeps } from '../deps.ts';

/** `mops jobs …`, each loaded only when it runs. */
export const jobsCommands: readonly LazyCommand<MopsDeps>[] = [
  {
    name: 'jobs submit',
    summary: 'Submit a study: run the tasks that have no result yet',
    load: async () => (await import('./jobs-submit.ts')).jobsSubmit,
  },
  {
    name: 'jobs status',
    summary: 'Show the state, progress, problems and failures of jobs',
    load: async () => (await import('./jobs-status.ts')).jobsStatus,
  },
  {
    name: 'jobs wait',
    summary: 'Wait until jobs end; exit with the worst of their statuses',
    load: async () => (await import('./jobs-wait.ts')).jobsWait,
  },
  {
    name: 'jobs list',
    summary: 'List jobs, newest first',
    load: async () => (await import('./jobs-list.ts')).jobsList,
  },
  {
    name: 'jobs logs',
    summary: 'Print the logs of workers and models',
    load: async () => (await import('./jobs-logs.ts')).jobsLogs,
  },
  {
    name: 'jobs cancel',
    summary: 'Cancel jobs; their results are kept',
    load: async () => (await import('./jobs-cancel.ts')).jobsCancel,
  },
  {
    name: 'jobs sync',
    summary: 'Compare unfinished jobs with their engine and repair their records',
    load: async () => (await import('./jobs-sync.ts')).jobsSync,
  },
  {
    name: 'jobs validate',
    summary: 'Check that every expected output of a job exists',
    load: async () => (await import('./jobs-validate.ts')).jobsValidate,
  },
  {
    name: 'jobs resume',
    summary: 'Run the tasks of jobs whose outputs are missing',
    load: async () => (await import('./jobs-resume.ts')).jobsResume,
  },
  {
    name: 'jobs manifest',
    summary: 'List the expected or missing outputs of jobs',
    load: async () => (await import('./jobs-manifest.ts')).jobsManifest,
  },
  {
    name: 'jobs explain',
    summary: 'Explain why a task has no result; --run runs it here',
    load: async () => (await import('./jobs-explain.ts')).jobsExplain,
  },
  {
    name: 'jobs failures',
    summary: 'Show failures grouped by cause, with a command that reproduces each',
    load: async () => (await import('./jobs-failures.ts')).jobsFailures,
  },
  {
    name: 'jobs delete',
    summary: 'Delete finished jobs; simulation results are kept',
    load: async () => (await import('./jobs-delete.ts')).jobsDelete,
  },
];
