import type { LazyCommand, Program } from '@modelops/cli-kit';
import { resultsCommands } from './commands/results-commands.ts';
import type { MopsDeps } from './deps.ts';
import { infraCommands } from './infra/index.ts';
import { storeCommands } from './upkeep/index.ts';

const listed = (name: string, summary: string, load: LazyCommand<MopsDeps>['load']): LazyCommand<MopsDeps> => ({ name, summary, load });

/** What `mops` is made of; a command is loaded when it is run. */
export const mops: Program<MopsDeps> = {
  name: 'mops',
  summary: 'Bind a study to a bundle, run it, and ask about its results',
  version: '0.1.0',
  groups: {
    jobs: 'Submit, watch, validate and resume jobs',
    results: 'Ask about losses and results',
    store: 'Check, measure, tidy and let go of what the store holds',
    infra: 'Make what an environment needs',
  },
  commands: [
    listed(
      'jobs submit',
      'Bind a study to a bundle and run the tasks that have no result yet',
      async () => (await import('./commands/jobs-submit.ts')).jobsSubmit as never,
    ),
    listed(
      'jobs status',
      'Show jobs: state, progress, what their workers say, failures by cause',
      async () => (await import('./commands/jobs-status.ts')).jobsStatus as never,
    ),
    listed(
      'jobs wait',
      'Wait until jobs are done; the exit status says how the worst of them ended',
      async () => (await import('./commands/jobs-wait.ts')).jobsWait as never,
    ),
    listed('jobs list', 'List jobs, newest first', async () => (await import('./commands/jobs-list.ts')).jobsList as never),
    listed(
      'jobs logs',
      'Show what the workers said, and what the model printed',
      async () => (await import('./commands/jobs-logs.ts')).jobsLogs as never,
    ),
    listed(
      'jobs cancel',
      'Stop the workers of jobs; their results stay',
      async () => (await import('./commands/jobs-cancel.ts')).jobsCancel as never,
    ),
    listed(
      'jobs sync',
      'Compare unfinished jobs with their engine and repair what their owners left; outputs decide',
      async () => (await import('./commands/jobs-sync.ts')).jobsSync as never,
    ),
    listed(
      'jobs validate',
      'Check that every output of jobs exists, and name what is missing',
      async () => (await import('./commands/jobs-validate.ts')).jobsValidate as never,
    ),
    listed(
      'jobs resume',
      'Run the tasks of jobs whose outputs are missing',
      async () => (await import('./commands/jobs-resume.ts')).jobsResume as never,
    ),
    listed(
      'jobs manifest',
      'List the outputs that a job expects, or those that are missing, a line each',
      async () => (await import('./commands/jobs-manifest.ts')).jobsManifest as never,
    ),
    listed(
      'jobs explain',
      'Say why a task of a job has no result; --run runs it here',
      async () => (await import('./commands/jobs-explain.ts')).jobsExplain as never,
    ),
    listed(
      'jobs failures',
      'Show what failed, grouped by cause, with one sample of each and the command that runs it here',
      async () => (await import('./commands/jobs-failures.ts')).jobsFailures as never,
    ),
    listed(
      'jobs delete',
      'Delete jobs that have ended: record, attribution, losses, logs; simulations stay, which other jobs may share',
      async () => (await import('./commands/jobs-delete.ts')).jobsDelete as never,
    ),
    ...resultsCommands,
    ...storeCommands,
    ...infraCommands,
  ],
};
