import type { LazyCommand } from '@modelops/cli-kit';
import type { MopsDeps } from '../deps.ts';

/** `mops jobs …`, each loaded when it is run. */
export const jobsCommands: readonly LazyCommand<MopsDeps>[] = [
  {
    name: 'jobs submit',
    summary: 'Bind a study to a bundle and run the tasks that have no result yet',
    load: async () => (await import('./jobs-submit.ts')).jobsSubmit as never,
  },
  {
    name: 'jobs status',
    summary: 'Show jobs: state, progress, what their workers say, failures by cause',
    load: async () => (await import('./jobs-status.ts')).jobsStatus as never,
  },
  {
    name: 'jobs wait',
    summary: 'Wait until jobs are done; the exit status says how the worst of them ended',
    load: async () => (await import('./jobs-wait.ts')).jobsWait as never,
  },
  {
    name: 'jobs list',
    summary: 'List jobs, newest first',
    load: async () => (await import('./jobs-list.ts')).jobsList as never,
  },
  {
    name: 'jobs logs',
    summary: 'Show what the workers said, and what the model printed',
    load: async () => (await import('./jobs-logs.ts')).jobsLogs as never,
  },
  {
    name: 'jobs cancel',
    summary: 'Stop the workers of jobs; their results stay',
    load: async () => (await import('./jobs-cancel.ts')).jobsCancel as never,
  },
  {
    name: 'jobs sync',
    summary: 'Compare unfinished jobs with their engine and repair what their owners left; outputs decide',
    load: async () => (await import('./jobs-sync.ts')).jobsSync as never,
  },
  {
    name: 'jobs validate',
    summary: 'Check that every output of jobs exists, and name what is missing',
    load: async () => (await import('./jobs-validate.ts')).jobsValidate as never,
  },
  {
    name: 'jobs resume',
    summary: 'Run the tasks of jobs whose outputs are missing',
    load: async () => (await import('./jobs-resume.ts')).jobsResume as never,
  },
  {
    name: 'jobs manifest',
    summary: 'List the outputs that a job expects, or those that are missing, a line each',
    load: async () => (await import('./jobs-manifest.ts')).jobsManifest as never,
  },
  {
    name: 'jobs explain',
    summary: 'Say why a task of a job has no result; --run runs it here',
    load: async () => (await import('./jobs-explain.ts')).jobsExplain as never,
  },
  {
    name: 'jobs failures',
    summary: 'Show what failed, grouped by cause, with one sample of each and the command that runs it here',
    load: async () => (await import('./jobs-failures.ts')).jobsFailures as never,
  },
  {
    name: 'jobs delete',
    summary: 'Delete jobs that have ended: record, attribution, losses, logs; simulations stay, which other jobs may share',
    load: async () => (await import('./jobs-delete.ts')).jobsDelete as never,
  },
];
